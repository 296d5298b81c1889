// The only script of the issuer's pages: lets the browser make or use a passkey, writes its answer into the form around the
// button, and sends that. Everything else works without it. The service decides; nothing here has to be trusted.

for (const section of document.querySelectorAll('[data-passkey]')) {
  // Pages keep this part hidden from browsers that could do nothing with it.
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  section.hidden = false;
  section.querySelector('button').addEventListener('click', () => void proceed(section));
}

/** @param {HTMLElement} section */
async function proceed(section) {
  const form = section.closest('form');
  const button = section.querySelector('button');
  const status = section.querySelector('[role=status]');
  const code = form.elements.namedItem('code');
  // The passkey stands in place of the code, unless somebody sets up both.
  if (code !== null) code.required = false;
  if (!form.reportValidity()) {
    if (code !== null) code.required = true;
    return;
  }
  button.disabled = true;
  status.textContent = 'Your browser asks for the passkey now.';
  try {
    const options = JSON.parse(section.dataset.options);
    const credential = section.dataset.passkey === 'create' ? await create(options, form) : await get(options);
    form.elements.namedItem('passkey').value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    status.textContent = reason(error);
    button.disabled = false;
    if (code !== null) code.required = true;
  }
}

function reason(error) {
  if (error.name === 'InvalidStateError') return 'This device has a passkey for this account already.';
  if (error.name === 'NotAllowedError')
    return 'No passkey was used: it was cancelled, took too long, or there is none here.';
  if (error.name === 'ConstraintError')
    return 'This device cannot verify that it is you: it needs a PIN or a fingerprint.';
  return `That did not work (${error.name}). Reload the page and try again.`;
}

async function create(options, form) {
  const login = form.elements.namedItem('login');
  // The first administrator chooses a login on this very page.
  if (login !== null && login.value !== '')
    Object.assign(options.user, { name: login.value, displayName: login.value });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON?.(options) ?? {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
  };
  const made = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = made.response;
  return answer(made, { clientDataJSON, attestationObject });
}

async function get(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? {
    ...options,
    challenge: fromBase64url(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(withBytes),
  };
  const used = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return answer(used, { clientDataJSON, authenticatorData, signature, userHandle });
}

/** What `toJSON` of a credential gives, without what the service does not look at: some password managers have no `toJSON`. */
function answer({ rawId, type }, response) {
  const id = toBase64url(rawId);
  const entries = Object.entries(response).filter(([, bytes]) => bytes);
  return {
    id,
    rawId: id,
    type,
    response: Object.fromEntries(entries.map(([name, bytes]) => [name, toBase64url(bytes)])),
  };
}

function withBytes(descriptor) {
  return { ...descriptor, id: fromBase64url(descriptor.id) };
}

function toBase64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}
