import { CheckoutError } from '../errors.ts';

export interface Address {
  readonly street: string;
  readonly city: string;
  readonly postcode: string;
  readonly country: string;
}

const delivered = new Set(['DE', 'FR', 'NL', 'AT', 'ES', 'IT', 'PL', 'SE']);

/** @throws CheckoutError with ADDRESS_INVALID */
export function checkAddress(address: Address): void {
  if (!delivered.has(address.country)) {
    throw new CheckoutError('ADDRESS_INVALID', `We do not deliver to ${address.country}.`);
  }
  if (address.postcode.trim() === '' || address.street.trim() === '') {
    throw new CheckoutError('ADDRESS_INVALID', 'Street and postcode are needed.');
  }
}
