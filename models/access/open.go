package access

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mandate"
	"locum/models/secret"
	"locum/models/store"
)

// Opening is what a new session is made of.
type Opening struct {
	Account    string
	Method     string // "code", "saml", "passkey", BreakGlassMethod
	Connection string // id, with "saml"
	UserAgent  string
	Address    string
	AuthTime   time.Time // zero means now
	// SecondFactor is how he showed one, if he did, and Passkey the id of the
	// passkey that it was.
	SecondFactor account.SecondFactor
	Passkey      string
	// Instead is the id of the session that the browser had so far. Its cookie
	// is about to be replaced: nobody could end it any more.
	Instead string
	// Company and Reason are those of a break-glass session, which begins there.
	Company, Reason string
}

// Open signs somebody in, and gives the token for his browser's cookie.
func (s *Sessions) Open(ctx context.Context, in Opening) (token string, err error) {
	err = s.store.System(ctx, "sign in", func(tx *store.Tx) error {
		token, err = Open(tx, in)
		return err
	})
	return token, err
}

// Open is Sessions.Open inside a System transaction, for sign-ins that write
// other things with it. A deactivated account is refused. The session instead of
// which it is opened ends, and with it its visit, as by signing out.
func Open(tx *store.Tx, in Opening) (token string, err error) {
	person, err := account.Load(tx, in.Account)
	if err != nil {
		return "", err
	}
	if person.DeactivatedAt != nil || person.Service {
		return "", models.Fail(models.Forbidden, "account.error.deactivated")
	}
	if err := replace(tx, in.Instead, in.Address); err != nil {
		return "", err
	}
	now := models.At(tx.Now())
	auth := now
	if !in.AuthTime.IsZero() {
		auth = models.At(in.AuthTime)
	}
	token = secret.Token()
	row := account.Session{ID: models.NewID("ses"), TokenHash: secret.Hash(token), AccountID: in.Account, Method: in.Method, ConnectionID: in.Connection,
		UserAgent: clip(in.UserAgent, 300), Address: in.Address, AuthTime: auth, LastSeenAt: now, ExpiresAt: models.At(now.Add(account.SessionLife)),
		Epoch: 1, CreatedAt: now}
	if in.SecondFactor != "" {
		row.SecondFactor, row.SecondFactorAt, row.PasskeyID = in.SecondFactor, &now, in.Passkey
	}
	if in.Method == BreakGlassMethod {
		row.CompanyID, row.ExpiresAt = in.Company, models.At(now.Add(BreakGlassLife))
	}
	if err := tx.Create(&row).Error; err != nil {
		return "", err
	}
	if in.Method == BreakGlassMethod {
		if err := breakGlass(tx, row, person, in.Reason); err != nil {
			return "", err
		}
	}
	actor, err := derive(tx, row)
	if err != nil {
		return "", err
	}
	actor.Address = in.Address
	tx.Record(event.SignedIn, store.About{ID: row.ID, Name: person.Name, As: &actor, Company: actor.Real.Company, Organization: actor.Real.Organization,
		Data: map[string]any{"method": in.Method}})
	if in.Method == BreakGlassMethod {
		tx.Record(event.BreakGlassEntered, store.About{ID: row.ID, Name: person.Name, As: &actor, Company: in.Company,
			Data: map[string]any{"reason": in.Reason, "ends_at": row.ExpiresAt.Time}})
	}
	return token, nil
}

// replace ends the session that a browser gives up by signing in again, whoever
// signs in. One that is over already is left to the sweep.
func replace(tx *store.Tx, id, address string) error {
	if id == "" {
		return nil
	}
	if mandate.Opens(id) {
		if err := leaveLink(tx, id, address); models.KindOf(err) != models.Unauthenticated {
			return err
		}
		return nil
	}
	row, err := session(tx, "id = ?", id)
	if models.KindOf(err) == models.Unauthenticated {
		return nil
	}
	if err != nil {
		return err
	}
	// As SystemFor does: his other browsers wait, and the locks are those of a change.
	if err := tx.LockAccount(row.AccountID); err != nil {
		return err
	}
	defer func(by models.Actor, lock string) { tx.Actor, tx.Lock = by, lock }(tx.Actor, tx.Lock)
	tx.Lock = clause.LockingStrengthUpdate
	if row, err = session(tx, "id = ?", id); err != nil {
		return err
	}
	tx.Actor, err = derive(tx, row)
	if models.KindOf(err) == models.Unauthenticated {
		return nil
	}
	if err != nil {
		return err
	}
	tx.Actor.Address = address
	return endSession(tx, row, event.SignedOut, delegation.SignedOut)
}

// clip shortens what a stranger sent, and drops what no database takes: bytes
// that are no text.
func clip(text string, size int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) > size {
		text = strings.ToValidUTF8(text[:size], "")
	}
	return text
}
