/**
 * Signing out while reports may not be sent yet.
 *
 * @param {{finish: () => Promise<number>, resume: () => void, abandon: () => void}} sender
 * @param {(unsent: number) => Promise<boolean>} ask whether to sign out and lose so many reports
 * @returns {Promise<boolean>} whether to sign out
 */
export async function leave(sender, ask) {
  const unsent = await sender.finish();
  if (unsent === 0) return true;
  if (await ask(unsent)) {
    await sender.abandon();
    return true;
  }
  sender.resume();
  return false;
}
