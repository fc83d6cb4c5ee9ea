import {
  madeTokenSchema,
  mayRole,
  newTokenSchema,
  newUserSchema,
  type Right,
  ROLES,
  type Role,
  rightSchema,
  type User,
} from '@selvedge/core/records';
import { type FormEvent, useState } from 'react';
import { anything } from '../api/client.js';
import { ASK, DO } from '../api/paths.js';
import type { TextKey } from '../language/texts.js';
import { RIGHTS_IN_WORDS, useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Loaded } from '../parts/empty.js';
import { Field, TextField, useAct, Wrong } from '../parts/form.js';
import { PasswordField } from './door.js';
import { OwnSignIn } from './own-sign-in.js';

const MAY: Readonly<Record<Role, TextKey>> = {
  operator: 'mayOperator',
  quality: 'mayQuality',
  engineer: 'mayEngineer',
  owner: 'mayOwner',
};

/** Who may do what (an owner's business), and how one signs in oneself. */
export function PeoplePage() {
  const { t } = useWords();
  const { value: session } = useStore(useSite().session);
  const user = session?.user;
  const governs = user !== undefined && user !== null && mayRole(user.role, 'govern');
  return (
    <div className="page people-page">
      <header className="page-head">
        <div>
          <h1>{t('peopleTitle')}</h1>
          <p className="quiet-text">{t(governs ? 'peopleText' : 'ownersOnly')}</p>
        </div>
      </header>
      {user && governs && <Users own={user} />}
      <OwnSignIn />
      {governs && <Tokens />}
    </div>
  );
}

function Users({ own }: { own: User }) {
  const { t, role } = useWords();
  const site = useSite();
  const act = useAct();
  const known = useLive(ASK.users, { wants: ({ kind }) => kind.startsWith('user') });
  const change = async (user: User, body: { role?: Role; active?: boolean }) => {
    await act.run(DO.user(user.id), body, anything);
    site.refresh();
  };
  return (
    <section>
      <Loaded known={known}>
        {({ users }) => (
          <ul className="people">
            {users.map((user) => (
              <li key={user.id} className={`person person-select${user.active ? '' : ' person-off'}`}>
                <p className="person-name">
                  <b>{user.name}</b>
                  <small className="quiet-text">
                    {user.id === own.id ? t('you') : t(user.active ? 'active' : 'inactive')}
                  </small>
                </p>
                <label>
                  <span className="unseen">
                    {t('role')}: {user.name}
                  </span>
                  <select
                    value={user.role}
                    disabled={user.id === own.id || act.busy}
                    onChange={(event) => void change(user, { role: event.target.value as Role })}
                  >
                    {ROLES.map((one) => (
                      <option key={one} value={one}>
                        {role(one)}
                      </option>
                    ))}
                  </select>
                </label>
                <p className="quiet-text person-may">{t(MAY[user.role])}</p>
                {user.id !== own.id && (
                  <button
                    type="button"
                    className="button"
                    disabled={act.busy}
                    aria-label={`${t(user.active ? 'block' : 'unblock')}: ${user.name}`}
                    onClick={() => void change(user, { active: !user.active })}
                  >
                    {t(user.active ? 'block' : 'unblock')}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <Wrong text={act.wrong} />
      <NewUser />
    </section>
  );
}

function NewUser() {
  const { t, role } = useWords();
  const site = useSite();
  const act = useAct();
  const [name, setName] = useState('');
  const [of, setOf] = useState<Role>('operator');
  const [password, setPassword] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = newUserSchema.safeParse({ name: name.trim(), role: of, password });
    if (!body.success) {
      act.say(name.trim() === '' ? t('fieldEmpty') : t('passwordShort'));
      return;
    }
    if (!(await act.post(DO.users, body.data))) return;
    setName('');
    setPassword('');
    site.refresh();
  };
  return (
    <form className="box row-form" onSubmit={(event) => void submit(event)} noValidate>
      <h2>{t('peopleAdd')}</h2>
      <TextField label={t('name')} value={name} maxLength={80} autoComplete="off" onChange={setName} />
      <Field label={t('role')} help={t(MAY[of])}>
        {(ids) => (
          <select {...ids} value={of} onChange={(event) => setOf(event.target.value as Role)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {role(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <PasswordField value={password} onChange={setPassword} kind="new-password" />
      <Wrong text={act.wrong} />
      <button type="submit" className="button primary" disabled={act.busy}>
        {t('peopleAdd')}
      </button>
    </form>
  );
}

function Tokens() {
  const { t } = useWords();
  const site = useSite();
  const act = useAct();
  const known = useLive(ASK.tokens, { wants: ({ kind }) => kind.startsWith('token') });
  const [name, setName] = useState('');
  const [rights, setRights] = useState<readonly Right[]>(['look']);
  const [secret, setSecret] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSecret(null);
    const body = newTokenSchema.safeParse({ name, rights, endsAtMs: null });
    if (!body.success) {
      act.say(t('fieldEmpty'));
      return;
    }
    const made = await act.run(DO.tokens, body.data, madeTokenSchema);
    if (!made.ok) return;
    setSecret(made.value.secret);
    setName('');
    site.refresh();
  };
  const revoke = async (id: string) => {
    await act.run(DO.revoke(id), {}, anything);
    site.refresh();
  };
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">{t('tokensTitle')}</h2>
      <p className="quiet-text">{t('tokensText')}</p>
      <Loaded known={known}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <p className="empty">{t('tokensNone')}</p>
          ) : (
            <ul className="people">
              {tokens.map((token) => (
                <li key={token.id} className={`person person-plain${token.revoked ? ' person-off' : ''}`}>
                  <p className="person-name">
                    <b>{token.name}</b>
                  </p>
                  <p className="quiet-text person-may">
                    {token.rights.map((right) => t(RIGHTS_IN_WORDS[right])).join(' · ')}
                  </p>
                  {token.revoked ? (
                    <small className="quiet-text">{t('tokenRevoked')}</small>
                  ) : (
                    <button
                      type="button"
                      className="button"
                      aria-label={`${t('tokenRevoke')}: ${token.name}`}
                      disabled={act.busy}
                      onClick={() => void revoke(token.id)}
                    >
                      {t('tokenRevoke')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <form className="box row-form" onSubmit={(event) => void submit(event)} noValidate>
        <h2>{t('tokenAdd')}</h2>
        <TextField label={t('name')} value={name} maxLength={80} autoComplete="off" onChange={setName} />
        <fieldset className="field pills">
          <legend>{t('tokenRights')}</legend>
          {rightSchema.options.map((right) => (
            <label key={right} className="pill">
              <input
                type="checkbox"
                checked={rights.includes(right)}
                onChange={(event) =>
                  setRights(event.target.checked ? [...rights, right] : rights.filter((one) => one !== right))
                }
              />
              <span>{t(RIGHTS_IN_WORDS[right])}</span>
            </label>
          ))}
        </fieldset>
        <Wrong text={act.wrong} />
        <button type="submit" className="button primary" disabled={act.busy}>
          {t('tokenAdd')}
        </button>
        <div role="status">
          {secret !== null && (
            <p className="notice">
              {t('tokenMade')} <code className="hash">{secret}</code>
            </p>
          )}
        </div>
      </form>
    </section>
  );
}
