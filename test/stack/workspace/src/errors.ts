export type CheckoutErrorCode = 'ADDRESS_INVALID' | 'CARD_DECLINED' | 'PAYMENT_TIMEOUT';

/** Why a checkout failed. The code is stored in orders.error_code; the message is shown to the customer. */
export class CheckoutError extends Error {
  readonly code: CheckoutErrorCode;

  constructor(code: CheckoutErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CheckoutError';
    this.code = code;
  }
}
