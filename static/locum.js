// Enhancement only: every page works with this file missing. It has no
// dependency, sets no inline style and runs under a strict content security
// policy.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* A page that was sent in answer to a form is the one at its own address. */
  const own = $('[data-address]')?.dataset.address;
  if (own) history.replaceState(null, '', own);

  /* Appearance: the cookie is the server's; the page follows at once. */
  const showTheme = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme; else delete root.dataset.theme;
    $$('[data-theme-form] [name=theme]').forEach((button) => button.setAttribute('aria-pressed', String(button.value === theme)));
  };
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-theme-form]') || !event.submitter) return;
    event.preventDefault();
    showTheme(event.submitter.value);
    fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)), redirect: 'manual' });
  });

  /* Filter of the switcher: items that do not match, and heads without items, go. */
  const filter = (input) => {
    const list = $(input.dataset.filter), wanted = input.value.trim().toLocaleLowerCase();
    let any = false;
    for (const row of $$('.mi-row', list)) {
      row.hidden = wanted !== '' && !$('.mi', row).textContent.toLocaleLowerCase().includes(wanted);
      any ||= !row.hidden;
    }
    for (const head of $$('.mh', list)) {
      let next = head.nextElementSibling, shown = false;
      for (; next && next.matches('.mi-row'); next = next.nextElementSibling) shown ||= !next.hidden;
      head.hidden = !shown;
    }
    const none = $('[data-none]', list);
    if (none) none.hidden = any;
  };
  document.addEventListener('input', (event) => { if (event.target.dataset?.filter) filter(event.target); });
  document.addEventListener('toggle', (event) => {
    const input = $('[data-filter]', event.target);
    if (!input) return;
    // Also when it opens: one that is closed and opened at once tells of the opening alone.
    input.value = '';
    filter(input);
    // The event comes late on a slow machine: by then an arrow may have gone on from here.
    if (event.newState === 'open' && !event.target.contains(document.activeElement)) input.focus();
  }, true);

  /* The time zone of who signs up; the server has one for those without script. */
  $$('[data-time-zone]').forEach((input) => { input.value = Intl.DateTimeFormat().resolvedOptions().timeZone; });

  /* Copy, dialogs, notices */
  const copy = async (button) => {
    try { await navigator.clipboard.writeText(button.dataset.copy); } catch { return; }
    button.setAttribute('aria-label', button.dataset.copied);
    button.title = button.dataset.copied;
    $('use', button)?.setAttribute('href', button.dataset.copiedIcon);
  };
  const open = (event, link) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest('[popover]')?.hidePopover();
    dialog.showModal();
  };
  document.addEventListener('click', (event) => {
    const at = (selector) => event.target.closest?.(selector);
    if (at('[data-copy]')) copy(at('[data-copy]'));
    if (at('[data-dialog]')) open(event, at('[data-dialog]'));
    if (at('[data-close-dialog]')) at('dialog')?.close();
    if (event.target.matches?.('dialog.dialog')) event.target.close(); // the backdrop
    if (at('[data-dismiss]')) { event.preventDefault(); at('.notice').remove(); $('#main')?.focus({ preventScroll: true }); }
  });

  /* Keys. No single letters: WCAG 2.2, 2.1.4. The accesskey attributes serve
     those without script; beside this they would act twice. */
  $$('[accesskey]').forEach((element) => element.removeAttribute('accesskey'));
  const alt = (event, code) => event.altKey && !event.ctrlKey && event.code === code; // not AltGr
  const typing = (target) => Boolean(target.closest?.('textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit], [type=button])'));
  const move = (event) => {
    const stops = $$('#switcher :is(input[type=search], .mi-row:not([hidden]) .mi:not(:disabled))');
    const step = event.key === 'ArrowDown' ? 1 : -1;
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length]?.focus();
  };
  document.addEventListener('keydown', (event) => {
    if (alt(event, 'KeyB') && !typing(event.target)) {
      const button = $('.acting button');
      if (button) { event.preventDefault(); button.form.requestSubmit(button); }
    } else if (alt(event, 'KeyO')) {
      const button = $('[popovertarget=switcher]'); // its click anchors the menu to it
      if (button) { event.preventDefault(); button.click(); }
    } else if (event.target.closest?.('#switcher')) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') move(event);
      if (event.key === 'Enter' && event.target.matches('[data-filter]')) {
        const first = $('#switcher-list .mi-row:not([hidden]) .mi:not(:disabled)');
        if (first) { event.preventDefault(); first.click(); }
      }
    }
  });

  /* A rejected form: the summary gets the focus, and its links the field. */
  const focusErrors = (within) => $('#errors', within)?.focus();
  focusErrors(document);
  document.addEventListener('htmx:after:swap', (event) => focusErrors(event.target instanceof Element ? event.target.parentElement ?? document : document));
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('.errors a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: 'center' });
    (field.matches('input, select, textarea') ? field : $('input, select, textarea', field) ?? field).focus({ preventScroll: true });
  });

  /* Where the session works now. The stream is open only while the page is
     visible, since a browser allows few connections; the server says the
     context at once when it opens, so that coming back checks again. */
  const address = root.dataset.live;
  // What was typed before and stands here again, or to be copied, counts as typed.
  let stream, typed = Boolean($('[data-address], details.kept')), pause = 5000;
  document.addEventListener('input', (event) => { typed ||= Boolean(event.target.closest('form[method=post]')); });
  const moved = (there) => {
    const notice = $('#moved');
    $('a', notice).href = there;
    notice.hidden = false;
  };
  /* A part of a page that shows what others do asks for itself again when the
     stream says that something changed, unless somebody is busy in it. */
  let soon, stale = false;
  const refresh = async () => {
    const part = $('[data-refresh]');
    if (!part) return;
    stale = part.contains(document.activeElement);
    if (stale) return;
    const answer = await fetch(location.href, { headers: { 'Locum-Refresh': 'true' } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id);
    if (fresh && !part.contains(document.activeElement)) part.replaceWith(document.adoptNode(fresh));
  };
  const changed = () => { clearTimeout(soon); soon = setTimeout(refresh, 200); };
  document.addEventListener('focusout', () => { if (stale) changed(); });
  let opened = false;
  const listen = () => {
    if (!address || stream || document.visibilityState !== 'visible') return;
    stream = new EventSource(address);
    stream.addEventListener('context', (event) => {
      const now = JSON.parse(event.data);
      pause = 5000;
      if (String(now.epoch) === root.dataset.epoch && now.place === root.dataset.place) {
        if (opened) changed(); // what came while nobody listened
        opened = true;
        return;
      }
      hush();
      // Half-written input is not thrown away: sending it answers 409 and keeps it.
      if (typed) moved(now.location);
      else if ('follows' in root.dataset && !now.ended) location.reload();
      else location.assign(now.location);
    });
    stream.addEventListener('changed', changed);
    stream.addEventListener('inbox', (event) => {
      const { unread } = JSON.parse(event.data), count = $('[data-unread]');
      if (!count) return;
      $('b', count).textContent = unread > 99 ? '99+' : unread;
      count.hidden = unread === 0;
    });
    stream.addEventListener('error', () => {
      if (stream?.readyState !== EventSource.CLOSED) return; // it tries again by itself
      hush();
      setTimeout(listen, pause);
      pause = Math.min(2 * pause, 60000);
    });
  };
  const hush = () => { stream?.close(); stream = undefined; };
  /* Passkeys: the authenticator is asked before a form with data-passkey is sent,
     and its answer goes along. Bytes are base64url in JSON, as WebAuthn says. */
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const listed = (list = []) => list.map((c) => ({ ...c, id: bytes(c.id) }));
  const ask = {
    get: (o) => navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: listed(o.allowCredentials) } }),
    create: (o) => navigator.credentials.create({ publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: listed(o.excludeCredentials) } }),
  };
  const answer = (given) => {
    const r = given.response, said = {};
    for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) if (r[part]) said[part] = base64url(r[part]);
    if (r.getTransports) said.transports = r.getTransports();
    return { id: given.id, type: given.type, rawId: base64url(given.rawId), response: said,
      authenticatorAttachment: given.authenticatorAttachment ?? undefined, clientExtensionResults: given.getClientExtensionResults() };
  };
  const passkey = async (form) => {
    const begun = await fetch(form.dataset.begin, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' } });
    const asked = await begun.json();
    if (asked.location) { location.assign(asked.location); return; }
    const given = await ask[form.dataset.passkey](asked.publicKey);
    form.elements.passkey_ceremony.value = asked.ceremony;
    form.elements.credential.value = JSON.stringify(answer(given));
    form.requestSubmit();
  };
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-passkey]') || form.elements.credential.value || !window.PublicKeyCredential) return;
    event.preventDefault();
    if (form.elements.name?.value.trim() === '') { form.elements.name.focus(); return; }
    const failed = $('[data-passkey-failed]', form);
    failed.hidden = true;
    passkey(form).catch(() => { failed.hidden = false; });
  });
  // A second click on the way changes nothing: the first one is being answered.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || event.submitter?.closest('[hx-post]') || form.matches('[hx-post]')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = 'true';
    setTimeout(() => delete form.dataset.sent, 8000); // an answer that never came
  });
  // An answer serves once: who comes back to the page is asked again.
  addEventListener('pageshow', () => $$('[data-passkey] [name=credential]').forEach((input) => { input.value = ''; }));
  addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent));
  // A form on its way may switch: its answer says where to go, and the stream
  // must not be quicker.
  document.addEventListener('submit', (event) => { if (!event.defaultPrevented && event.target.method === 'post') hush(); });
  document.addEventListener('visibilitychange', () => { hush(); listen(); });
  // A page that shows something once leaves its address to the way on: going back to
  // it, or loading it again, asks for that, and sends no form a second time.
  const instead = $('a[data-instead]');
  if (instead) {
    history.replaceState(history.state, '', instead.href);
    instead.addEventListener('click', (event) => { // a link to where the page says it is would load nothing
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      location.reload();
    });
  }
  // What is shown once is gone with the page, also where a browser keeps pages.
  addEventListener('pagehide', () => $$('[data-once]').forEach((element) => element.remove()));
  // A page of a host is not kept for the back button: it is blank when the browser
  // brings it back, until the server has said what may be seen.
  addEventListener('pagehide', (event) => {
    hush();
    if (event.persisted && 'acting' in root.dataset) document.body.hidden = true;
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted && 'acting' in root.dataset) { location.reload(); return; }
    if (event.persisted) hush();
    listen();
  });
})();
