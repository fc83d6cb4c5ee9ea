import { type Session, setupSchema, signInSchema } from '@selvedge/core/records';
import { type FormEvent, useState } from 'react';
import { anything } from '../api/client.js';
import { canPasskey, signInByPasskey } from '../api/passkeys.js';
import { DO, OIDC_START } from '../api/paths.js';
import type { TextKey } from '../language/texts.js';
import { useWords } from '../language/use-words.js';
import { useSite } from '../live/use-site.js';
import { TextField, useAct, Wrong } from '../parts/form.js';
import { go } from '../router/use-route.js';

/** The first owner of a site, by the one-time code that its terminal printed. */
export function Setup({ session }: { session: Session }) {
  const { t } = useWords();
  const site = useSite();
  const act = useAct();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { code: code.trim(), name: name.trim(), password };
    if (!setupSchema.safeParse(body).success || body.code === '') {
      act.say(body.name === '' || body.code === '' ? t('fieldEmpty') : t('passwordShort'));
      return;
    }
    const result = await act.run(DO.setup, body, anything);
    if (result.ok) await site.refreshSession();
    else if (result.fault.code === 'code-wrong') act.say(t('setupWrong'));
  };
  return (
    <form className="door" onSubmit={(event) => void submit(event)} noValidate>
      <h1>{t('setupTitle')}</h1>
      <p className="lead">{t('signInText', { site: session.site })}</p>
      <p>{t('setupText')}</p>
      <TextField
        label={t('setupCode')}
        help={t('setupCodeHelp')}
        className="code"
        value={code}
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        onChange={setCode}
      />
      <NameField value={name} onChange={setName} />
      <PasswordField value={password} onChange={setPassword} kind="new-password" />
      <Wrong text={act.wrong} />
      <button type="submit" className="button primary big" disabled={act.busy}>
        {t('setupDo')}
      </button>
    </form>
  );
}

/** Why nobody came in through the company, by the word that the server put into the address. */
const REFUSED: Readonly<Record<string, TextKey>> = {
  ...{ away: 'oidcAway', cancelled: 'oidcCancelled', expired: 'oidcExpired' },
  ...{ 'not-as-asked': 'oidcNotAsAsked', 'no-role': 'oidcNoRole', inactive: 'oidcInactive' },
  ...{ 'name-taken': 'oidcNameTaken', 'name-invalid': 'oidcNameInvalid' },
  ...{ 'last-owner': 'oidcLastOwner', 'linked-already': 'oidcLinkedAlready' },
};
export const refusedHere = (): TextKey | null => {
  const word = new URLSearchParams(location.search).get('refused') ?? '';
  return Object.hasOwn(REFUSED, word) ? (REFUSED[word] ?? null) : null;
};

export function SignIn({ session }: { session: Session }) {
  const words = useWords();
  const { t } = words;
  const site = useSite();
  const act = useAct();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [refused, setRefused] = useState(refusedHere);
  const enter = async () => {
    // Whoever came in after all need not be told again.
    if (refusedHere() !== null) go({ view: 'line' }, 'replace');
    await site.refreshSession();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setRefused(null);
    const body = { name: name.trim(), password };
    if (!signInSchema.safeParse(body).success || body.name === '' || password === '') {
      act.say(t('fieldEmpty'));
      return;
    }
    const result = await act.run(DO.signIn, body, anything);
    if (result.ok) await enter();
    else if (result.fault.code === 'sign-in-refused') act.say(t('signInWrong'));
  };
  const byPasskey = async () => {
    const result = await signInByPasskey(site.client);
    act.say(result === 'done' ? null : result === 'device' ? t('passkeyFailed') : words.fault(result));
    if (result === 'done') await enter();
  };
  return (
    <form className="door" onSubmit={(event) => void submit(event)} noValidate>
      <h1>{t('signInTitle')}</h1>
      <p className="lead">{t('signInText', { site: session.site })}</p>
      <NameField value={name} onChange={setName} />
      <PasswordField value={password} onChange={setPassword} kind="current-password" />
      <Wrong text={act.wrong ?? (refused === null ? null : t(refused))} />
      <button type="submit" className="button primary big" disabled={act.busy}>
        {t('signInDo')}
      </button>
      {session.ways.passkey && canPasskey() && (
        <button
          type="button"
          className="button big second"
          disabled={act.busy}
          onClick={() => void byPasskey()}
        >
          {t('passkeySignIn')}
        </button>
      )}
      {session.ways.oidc !== null && (
        <a className="button big second" href={OIDC_START}>
          {t('oidcSignIn', { provider: session.ways.oidc })}
        </a>
      )}
    </form>
  );
}

function NameField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useWords();
  return (
    <TextField label={t('name')} value={value} autoComplete="username" maxLength={80} onChange={onChange} />
  );
}

/** A new password says what it needs; a known one needs no lesson. */
export function PasswordField({
  label,
  value,
  onChange,
  kind,
}: {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  kind: 'new-password' | 'current-password';
}) {
  const { t } = useWords();
  return (
    <TextField
      label={label ?? t('password')}
      {...(kind === 'new-password' ? { help: t('passwordHelp') } : {})}
      type="password"
      value={value}
      autoComplete={kind}
      maxLength={200}
      onChange={onChange}
    />
  );
}
