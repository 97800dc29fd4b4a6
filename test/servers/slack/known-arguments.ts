/** Argument values by name, with which a call of any tool succeeds on the stand-in. */
export function knownArguments(ts: string, file: string): Record<string, unknown> {
  return {
    channel: '#operations',
    ts,
    thread_ts: ts,
    file,
    file_id: 'F0123456',
    offset: 0,
    query: 'jane',
    search: 'op',
    name: 'eyes',
    cursor: '',
    mentions: [],
    unfurl_hosts: [],
  };
}
