package access

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/passkey"
	"locum/models/store"
)

// Renewal is what renews the sign-in of a session that goes on: somebody showed
// again who he is, without leaving where he works.
type Renewal struct {
	Session string // id
	Account string // of who showed himself
	Method  string // "code", "saml", "passkey"
	Address string

	AuthTime     time.Time // zero means now
	Connection   string    // id, with "saml"
	SecondFactor account.SecondFactor
	Passkey      string // id, where it was one
}

// Renew renews the sign-in of a session, in a System transaction. It is refused
// to anybody but the person whose session it is: also during a visit that is the
// person himself, and not who he stands for.
func Renew(tx *store.Tx, in Renewal) error {
	defer func(lock string) { tx.Lock = lock }(tx.Lock)
	tx.Lock = clause.LockingStrengthUpdate
	row, err := session(tx, "id = ?", in.Session)
	if err != nil {
		return err
	}
	if row.AccountID != in.Account {
		return models.Fail(models.Forbidden, "account.step_up.other_person")
	}
	actor, err := derive(tx, row)
	if err != nil {
		return err
	}
	if err := actor.NotInBreakGlass(); err != nil {
		return err
	}
	at := models.At(tx.Now())
	if !in.AuthTime.IsZero() {
		at = models.At(in.AuthTime)
	}
	changes := map[string]any{}
	if at.After(row.AuthTime.Time) {
		changes["auth_time"] = at
	}
	if in.Connection != "" {
		changes["method"], changes["connection_id"] = in.Method, in.Connection
	}
	if in.SecondFactor != "" {
		changes["second_factor"], changes["second_factor_at"], changes["passkey_id"] = in.SecondFactor, models.At(tx.Now()), in.Passkey
	}
	him := actor.From(in.Address).AtHome()
	tx.Record(event.SteppedUp, store.About{ID: row.ID, Name: actor.Name, As: &him, Company: him.Real.Company, Organization: him.Real.Organization,
		Data: map[string]any{"method": in.Method, "second_factor": in.SecondFactor != ""}})
	tx.Notify("session:" + row.ID)
	if len(changes) == 0 {
		return nil
	}
	return tx.Model(&account.Session{}).Where("id = ?", row.ID).Updates(changes).Error
}

// AskToRenew sends the actor a code with which he renews the sign-in of his
// session, in the browser that asks.
func (e *Entrance) AskToRenew(ctx context.Context, by models.Actor, browserHash, returnTo string) (request string, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return "", err
	}
	return e.Ask(ctx, Asking{Email: by.Email, BrowserHash: browserHash, Language: by.Language, TimeZone: by.TimeZone, ReturnTo: returnTo,
		Address: by.Address, renews: by.Session})
}

// renewByCode renews the sign-in of the session from which a code was asked for.
func renewByCode(tx *store.Tx, row account.CodeRequest, known account.Person, in Entering) error {
	if in.Instead != row.RenewsSessionID { // another session has this browser by now
		return models.Unknown()
	}
	if err := spend(tx, row, known); err != nil {
		return err
	}
	return Renew(tx, Renewal{Session: row.RenewsSessionID, Account: known.ID, Method: "code", Address: in.Address})
}

// StepUp renews the actor's sign-in with one of his own passkeys, which is a
// second factor.
func (s *Sessions) StepUp(ctx context.Context, by models.Actor, keys *passkey.Passkeys, at passkey.Site, in passkey.Answer) error {
	claimed, err := keys.Claim(ctx, by, passkey.SteppingUp, in)
	if err != nil {
		return err
	}
	var refusal error
	err = s.store.SystemFor(ctx, by, "step up", func(tx *store.Tx) error {
		used, cloned, err := claimed.Verify(tx, at)
		if err != nil {
			return err
		}
		if cloned {
			refusal = refuseCloned(tx, used, tx.Actor)
			return nil
		}
		return Renew(tx, Renewal{Session: by.Session, Account: used.AccountID, Method: "passkey", Address: by.Address, SecondFactor: account.ByPasskey, Passkey: used.ID})
	})
	if err == nil {
		err = refusal
	}
	return err
}

// refuseCloned records that a passkey may have a double, where its owner is at
// home, and gives the refusal.
func refuseCloned(tx *store.Tx, used passkey.Passkey, by models.Actor) error {
	him := by.AtHome()
	tx.Record(event.PasskeyRefused, store.About{ID: used.ID, Name: used.Name, As: &him, Company: him.Real.Company, Organization: him.Real.Organization})
	return models.Fail(models.Forbidden, "passkey.error.cloned")
}
