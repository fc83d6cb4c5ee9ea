import { ownPasswordSchema, passkeysSchema, sessionSchema } from '@selvedge/core/records';
import { type FormEvent, useState } from 'react';
import { addPasskey, canPasskey } from '../api/passkeys.js';
import { ASK, DO, OIDC_START } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Loaded } from '../parts/empty.js';
import { TextField, useAct, Wrong } from '../parts/form.js';
import { PasswordField, refusedHere } from './door.js';

/** How one signs in oneself: passkeys and the password. */
export function OwnSignIn() {
  const { t } = useWords();
  const { value: session } = useStore(useSite().session);
  const ways = session?.ways;
  const refused = refusedHere();
  return (
    <section aria-labelledby="own">
      <h2 id="own">{t('ownTitle')}</h2>
      {ways?.passkey && <Passkeys />}
      {ways?.oidc && (
        <div className="box row-form">
          <p className="quiet-text">{t('oidcLinkText', { provider: ways.oidc })}</p>
          <a className="button" href={`${OIDC_START}?link`}>
            {t('oidcLink', { provider: ways.oidc })}
          </a>
          <Wrong text={refused === null ? null : t(refused)} />
        </div>
      )}
      <OwnPassword />
    </section>
  );
}

function Passkeys() {
  const words = useWords();
  const { t, format } = words;
  const site = useSite();
  const act = useAct();
  const [name, setName] = useState('');
  const known = useLive(ASK.passkeys, { wants: ({ kind }) => kind === 'credential-changed' });
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') {
      act.say(t('fieldEmpty'));
      return;
    }
    const result = await addPasskey(site.client, name.trim());
    act.say(result === 'done' ? null : result === 'device' ? t('passkeyFailed') : words.fault(result));
    if (result !== 'done') return;
    setName('');
    site.refresh();
  };
  const remove = async (id: string) => {
    await act.run(DO.passkeyRemove, { id }, passkeysSchema);
    site.refresh();
  };
  return (
    <>
      <p className="quiet-text">{t(canPasskey() ? 'passkeyText' : 'passkeyNotHere')}</p>
      <Loaded known={known}>
        {({ passkeys }) => (
          <ul className="people">
            {passkeys.map((passkey) => (
              <li key={passkey.id} className="person person-plain">
                <p className="person-name">
                  <b>{passkey.name}</b>
                </p>
                <p className="quiet-text person-may">{format.day(passkey.madeAtMs)}</p>
                <button
                  type="button"
                  className="button"
                  disabled={act.busy}
                  aria-label={`${t('passkeyRemove')}: ${passkey.name}`}
                  onClick={() => void remove(passkey.id)}
                >
                  {t('passkeyRemove')}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {canPasskey() && (
        <form className="box row-form" onSubmit={(event) => void add(event)} noValidate>
          <TextField
            label={t('passkeyName')}
            value={name}
            maxLength={80}
            autoComplete="off"
            onChange={setName}
          />
          <button type="submit" className="button beside-field" disabled={act.busy}>
            {t('passkeyAdd')}
          </button>
        </form>
      )}
      <Wrong text={act.wrong} />
    </>
  );
}

function OwnPassword() {
  const { t } = useWords();
  const site = useSite();
  const act = useAct();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    const body = ownPasswordSchema.safeParse({ current, password });
    if (!body.success) {
      act.say(t('passwordShort'));
      return;
    }
    const result = await act.run(DO.password, body.data, sessionSchema);
    if (!result.ok) {
      if (result.fault.code === 'password-wrong') act.say(t('passwordWrong'));
      return;
    }
    setCurrent('');
    setPassword('');
    setDone(true);
    await site.refreshSession();
  };
  return (
    <form className="box row-form" onSubmit={(event) => void submit(event)} noValidate>
      <PasswordField
        label={t('passwordCurrent')}
        value={current}
        onChange={setCurrent}
        kind="current-password"
      />
      <PasswordField label={t('passwordNew')} value={password} onChange={setPassword} kind="new-password" />
      <button type="submit" className="button beside-field" disabled={act.busy}>
        {t('passwordChange')}
      </button>
      <Wrong text={act.wrong} />
      <p role="status">{done && t('done')}</p>
    </form>
  );
}
