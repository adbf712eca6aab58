package access

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/mandate"
	"locum/models/store"
)

// Offer is the set-up link with this token; models.Unknown for one that ended,
// was revoked, or never was.
func (e *Entrance) Offer(ctx context.Context, token string) (o mandate.Offer, err error) {
	err = e.store.SystemRead(ctx, "look at a set-up link", func(tx *store.Tx) error {
		o, err = mandate.ByToken(tx, token)
		return err
	})
	return o, err
}

// AskByLink sends a code to the address that a set-up link is bound to, whoever
// asks. It counts towards the limits of Ask. Where the address's domain requires
// single sign-on a code is sent all the same: it signs nobody in, and the link
// may be what is to mend the single sign-on.
func (e *Entrance) AskByLink(ctx context.Context, token string, in Asking) (request string, err error) {
	if err := e.limitAddress(ctx, in.Address); err != nil {
		return "", err
	}
	offer, err := e.Offer(ctx, token)
	if err != nil {
		return "", err
	}
	if err := e.count(ctx, offer.Normal); err != nil {
		return "", err
	}
	err = e.store.System(ctx, "ask for a code by a set-up link", func(tx *store.Tx) error {
		tx.NothingToRecord() // nothing happened yet
		o, err := mandate.ByToken(tx, token)
		if err != nil {
			return err
		}
		row := account.CodeRequest{ID: models.NewID("sic"), BrowserHash: in.BrowserHash, Email: o.Email, Normal: o.Normal, MandateID: o.ID,
			Language: in.Language, TimeZone: in.TimeZone, ExpiresAt: models.At(tx.Now().Add(account.CodeLife)), CreatedAt: models.At(tx.Now())}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		request = row.ID
		return mail.Queue(tx, mail.Draft{Key: "code." + row.ID, To: mail.Recipient{Name: o.Name, Email: o.Email, Language: in.Language, TimeZone: in.TimeZone},
			Content: mail.Code{Request: row.ID, SetUp: o.Company, Expires: row.ExpiresAt}})
	})
	return request, err
}

// RequestByLink reads a request of this browser for a code by a set-up link.
func (e *Entrance) RequestByLink(ctx context.Context, token, id, browserHash string) (o mandate.Offer, r Request, err error) {
	err = e.store.SystemRead(ctx, "a request for a code by a set-up link", func(tx *store.Tx) error {
		if o, err = mandate.ByToken(tx, token); err != nil {
			return err
		}
		row, err := requestFor(tx.DB, o.ID, id, browserHash)
		r = Request{Email: o.Masked(), Expires: row.ExpiresAt.Time, Left: max(0, account.CodeTries-row.Tries)}
		return err
	})
	return o, r, err
}

// EnterByLink opens a session by a set-up link with the code that its address
// was sent. A wrong code is counted, and answered at the field.
func (e *Entrance) EnterByLink(ctx context.Context, token string, in Entering) (session string, err error) {
	var wrong *models.Message
	err = e.store.System(ctx, "open a set-up link with a code", func(tx *store.Tx) error {
		tx.NothingToRecord() // a wrong code is no event; a right one is
		o, err := mandate.ByToken(tx, token)
		if err != nil {
			return err
		}
		// Locked, so that tries at the same moment are counted one by one.
		row, err := requestFor(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}), o.ID, in.Request, in.BrowserHash)
		if err != nil {
			return err
		}
		if wrong, err = row.Try(tx, e.keys, in.BrowserHash, in.Code); err != nil || wrong != nil {
			return err
		}
		session, err = enterByLink(tx, o, row, in)
		return err
	})
	if err == nil && wrong != nil {
		fields := models.FieldErrors{"code": *wrong}
		return "", fields.Err()
	}
	return session, err
}

// enterByLink spends the code and opens the session.
func enterByLink(tx *store.Tx, o mandate.Offer, row account.CodeRequest, in Entering) (string, error) {
	spent := tx.Model(&account.CodeRequest{}).Where("id = ? AND used_at IS NULL", row.ID).Update("used_at", models.At(tx.Now()))
	if spent.Error != nil || spent.RowsAffected == 0 {
		return "", models.Unknown().Because(spent.Error)
	}
	if err := replace(tx, in.Instead, in.Address); err != nil {
		return "", err
	}
	s, session, err := mandate.OpenSession(tx, o.Mandate, clip(in.UserAgent, 300), in.Address)
	if err != nil {
		return "", err
	}
	actor, err := deriveLink(tx, "id = ?", s.ID)
	if err != nil {
		return "", err
	}
	actor.Address = in.Address
	return session, mandate.Opened(tx, o, actor)
}

// requestFor reads a request of a browser that was made for a set-up link; for
// signing in there is another.
func requestFor(tx *gorm.DB, link, id, browserHash string) (account.CodeRequest, error) {
	return request(tx.Where("mandate_id = ?", link), id, browserHash, false)
}
