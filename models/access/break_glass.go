package access

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// BreakGlassMethod is how a session began that a manager opened by a code
// although his company requires single sign-on.
const BreakGlassMethod = "break_glass"

// BreakGlassLife is how long such a session lasts, used or not.
const BreakGlassLife = time.Hour

// MaxBreakGlassReason is the most characters of the reason for one.
const MaxBreakGlassReason = 500

// The limits on asking for break-glass codes are tighter than those on others.
const (
	breakGlassPerMailbox    = 3 // from one household
	breakGlassPerMailboxAll = 30
	breakGlassPerAddress    = 10
	breakGlassWindow        = time.Hour
)

// BreakGlassSession is a break-glass session as the company's managers see it.
type BreakGlassSession struct {
	CompanyID   string `gorm:"primaryKey"`
	SessionID   string `gorm:"primaryKey"`
	AccountID   string
	AccountName string
	Reason      string
	Address     string
	EnteredAt   models.Instant
	EndsAt      models.Instant
	EndedAt     *models.Instant // before its time; nil also where it ran out
	EndedBy     string          // account
	EndedByName string
}

// TableName is the table of break-glass sessions.
func (BreakGlassSession) TableName() string { return "break_glass_sessions" }

// AskBreakGlass sends a code with which a named manager comes in although his
// company requires single sign-on. Nobody learns from the answer who is named:
// it is the same for every address, and so is what follows, but that no code is
// right where none was sent. Who has an account and is not named is told by
// mail.
func (e *Entrance) AskBreakGlass(ctx context.Context, in Asking) (request string, err error) {
	wrong := models.FieldErrors{}
	email := account.CheckEmail(in.Email, "email", wrong)
	if err := wrong.Err(); err != nil {
		return "", err
	}
	limits := &Sessions{store: e.store}
	if err := limits.Rate(ctx, "break-glass from "+household(in.Address), breakGlassPerAddress, breakGlassWindow); err != nil {
		return "", err
	}
	// A stranger who asks for somebody's mailbox must not shut him out.
	if err := limits.Rate(ctx, "break-glass to "+email.Normal+" from "+household(in.Address), breakGlassPerMailbox, breakGlassWindow); err != nil {
		return "", err
	}
	if err := limits.Rate(ctx, "break-glass to "+email.Normal, breakGlassPerMailboxAll, breakGlassWindow); err != nil {
		return "", err
	}
	err = e.store.System(ctx, "ask for a break-glass code", func(tx *store.Tx) error {
		tx.NothingToRecord() // nothing happened yet
		row := account.CodeRequest{ID: models.NewID("sic"), BrowserHash: in.BrowserHash, Email: email.Typed, Normal: email.Normal, BreakGlass: true,
			Language: in.Language, TimeZone: in.TimeZone, ReturnTo: in.ReturnTo,
			ExpiresAt: models.At(tx.Now().Add(account.CodeLife)), CreatedAt: models.At(tx.Now())}
		var person account.Person
		if person, row.CompanyID, err = namedFor(tx, email); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		request = row.ID
		return answerBreakGlass(tx, row, person)
	})
	return request, err
}

// namedFor finds who an address belongs to, and the company that lets him in by
// break-glass: the one that requires single sign-on of the address, and names
// him. It is "" for everybody else. Without an account the person is empty.
func namedFor(tx *store.Tx, email account.Email) (person account.Person, company string, err error) {
	person, err = account.ByEmail(tx, email.Normal)
	if models.KindOf(err) == models.NotFound {
		return person, "", nil
	}
	if err != nil || person.DeactivatedAt != nil || person.Service {
		return account.Person{}, "", err
	}
	company, err = tenancy.RequiredBy(tx, email.Domain())
	if err != nil || company == "" {
		return person, "", err
	}
	may, err := tenancy.MayBreakGlass(tx, company, person.ID)
	if err != nil || !may {
		return person, "", err
	}
	open, err := tenancy.Open(tx, company, "")
	if err != nil || !open {
		return person, "", err
	}
	return person, company, nil
}

// answerBreakGlass mails the code, or that there is none.
func answerBreakGlass(tx *store.Tx, row account.CodeRequest, person account.Person) error {
	if person.ID == "" {
		return nil
	}
	to := person.Recipient()
	to.Email = row.Email // the mailbox that is to be proven
	if row.CompanyID == "" {
		return mail.Queue(tx, mail.Draft{Key: "no_break_glass." + row.ID, To: to, Content: mail.NoBreakGlass{}})
	}
	company, err := tenancy.PartyOf(tx, row.CompanyID, "")
	if err != nil {
		return err
	}
	return mail.Queue(tx, mail.Draft{Key: "code." + row.ID, To: to,
		Content: mail.Code{Request: row.ID, Expires: row.ExpiresAt, BreakGlass: company.CompanyName}})
}

// BreakGlassRequest reads a break-glass request of this browser; models.Unknown
// for any other.
func (e *Entrance) BreakGlassRequest(ctx context.Context, id, browserHash string) (r Request, err error) {
	err = e.store.SystemRead(ctx, "a request for a break-glass code", func(tx *store.Tx) error {
		row, err := request(tx.DB, id, browserHash, true)
		r = Request{Email: row.Email, Expires: row.ExpiresAt.Time, ReturnTo: row.ReturnTo, Left: max(0, account.CodeTries-row.Tries)}
		return err
	})
	return r, err
}

// EnterBreakGlass opens the session of a named manager with a code and a
// reason, and tells every manager of the company at once. Without a reason no
// code is tried.
func (e *Entrance) EnterBreakGlass(ctx context.Context, in Entering, reason string) (token string, err error) {
	fields := models.FieldErrors{}
	if reason = strings.TrimSpace(strings.ToValidUTF8(reason, "")); reason == "" {
		fields.Add("reason", "error.required")
	} else if utf8.RuneCountInString(reason) > MaxBreakGlassReason {
		fields.Add("reason", "error.too_long", "Max", MaxBreakGlassReason)
	}
	if err := fields.Err(); err != nil {
		return "", err
	}
	var wrong *models.Message
	err = e.store.System(ctx, "break-glass sign-in", func(tx *store.Tx) error {
		tx.NothingToRecord() // unless it succeeds
		row, err := request(tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}), in.Request, in.BrowserHash, true)
		if err != nil {
			return err
		}
		if row.CompanyID == "" {
			in.Code = "" // no mail has one: none is right, and each is counted
		}
		if wrong, err = row.Try(tx, e.keys, in.BrowserHash, in.Code); err != nil || wrong != nil {
			return err
		}
		person, company, err := namedFor(tx, account.Email{Normal: row.Normal})
		if err != nil {
			return err
		}
		if company == "" || company != row.CompanyID { // he is named no more
			late := models.Text("account.error.code_expired")
			wrong = &late
			return nil
		}
		if err := spend(tx, row, person); err != nil {
			return err
		}
		token, err = Open(tx, Opening{Account: person.ID, Method: BreakGlassMethod, Company: company, Reason: reason,
			UserAgent: in.UserAgent, Address: in.Address, Instead: in.Instead})
		return err
	})
	if err == nil && wrong != nil {
		fields["code"] = *wrong
		return "", fields.Err()
	}
	return token, err
}

// breakGlass writes down a break-glass session that is being opened, and who is
// told of it: every manager, whatever mail he wants otherwise.
func breakGlass(tx *store.Tx, s account.Session, person account.Person, reason string) error {
	row := BreakGlassSession{CompanyID: s.CompanyID, SessionID: s.ID, AccountID: person.ID, AccountName: person.Name, Reason: reason,
		Address: s.Address, EnteredAt: s.CreatedAt, EndsAt: s.ExpiresAt}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	company, err := tenancy.PartyOf(tx, s.CompanyID, "")
	if err != nil {
		return err
	}
	managers, err := tenancy.Managers(tx, s.CompanyID)
	if err != nil {
		return err
	}
	for _, m := range managers {
		err := mail.Queue(tx, mail.Draft{Company: s.CompanyID, Key: "break_glass." + s.ID + "." + m.ID, To: m.Recipient(),
			Content: mail.BreakGlassEntered{Company: mail.Place{Name: company.CompanyName, Company: company.CompanyName}, Person: person.Name,
				Email: person.Email, Reason: reason, Address: s.Address, At: row.EnteredAt, Ends: row.EndsAt}})
		if err != nil {
			return err
		}
	}
	return nil
}

// breakGlassOf is what marks a break-glass session. One that somebody ended, or
// whose person is no longer named, is over.
func breakGlassOf(tx *store.Tx, s account.Session) (*models.BreakGlass, error) {
	q := tx.Where("session_id = ?", s.ID)
	if tx.Lock != "" { // nobody ends it meanwhile
		q = q.Clauses(clause.Locking{Strength: tx.Lock})
	}
	var row BreakGlassSession
	if err := q.Take(&row).Error; err != nil {
		if store.Missing(err) {
			return nil, unauthenticated()
		}
		return nil, err
	}
	may, err := tenancy.MayBreakGlass(tx, row.CompanyID, s.AccountID)
	if err != nil {
		return nil, err
	}
	open, err := tenancy.Open(tx, row.CompanyID, "")
	if err != nil {
		return nil, err
	}
	if !may || !open || row.EndedAt != nil || !tx.Now().Before(row.EndsAt.Time) {
		return nil, unauthenticated()
	}
	return &models.BreakGlass{Company: row.CompanyID, Ends: row.EndsAt.Time}, nil
}

// BreakGlassNow lists the break-glass sessions in the actor's company that last,
// the newest first.
func (s *Sessions) BreakGlassNow(ctx context.Context, by models.Actor) (list []BreakGlassSession, err error) {
	err = s.store.Read(ctx, by, models.ViewCompany, func(tx *store.Tx) error {
		return tx.Where("ended_at IS NULL AND ends_at > ?", models.At(tx.Now())).Order("entered_at DESC, session_id").Find(&list).Error
	})
	return list, err
}

// EndBreakGlass ends a break-glass session in the actor's company;
// models.Unknown for one that is over.
func (s *Sessions) EndBreakGlass(ctx context.Context, by models.Actor, session string) (ended BreakGlassSession, err error) {
	err = s.store.Write(ctx, by, models.ManageCompany, func(tx *store.Tx) error {
		err := tx.Where("session_id = ? AND ended_at IS NULL AND ends_at > ?", session, models.At(tx.Now())).Take(&ended).Error
		if store.Missing(err) {
			return models.Unknown()
		}
		if err != nil {
			return err
		}
		return endBreakGlass(tx, ended)
	})
	return ended, err
}

func endBreakGlass(tx *store.Tx, row BreakGlassSession) error {
	done := tx.Model(&BreakGlassSession{}).Where("company_id = ? AND session_id = ? AND ended_at IS NULL", row.CompanyID, row.SessionID).
		Updates(map[string]any{"ended_at": models.At(tx.Now()), "ended_by": tx.Actor.Account, "ended_by_name": tx.Actor.Name})
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	tx.Record(event.BreakGlassEnded, store.About{ID: row.SessionID, Name: row.AccountName, Company: row.CompanyID, Data: map[string]any{"person": row.AccountID}})
	tx.Notify("session:" + row.SessionID)
	return nil
}

// closeBreakGlass ends the break-glass record of a session that ends.
func closeBreakGlass(tx *store.Tx, s account.Session) error {
	if s.Method != BreakGlassMethod {
		return nil
	}
	var row BreakGlassSession
	err := tx.Where("session_id = ? AND ended_at IS NULL", s.ID).Take(&row).Error
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return endBreakGlass(tx, row)
}

// noLongerNamed ends the sessions of who is no break-glass manager any more. It
// runs in a System transaction.
func noLongerNamed(tx *store.Tx, about store.About) error {
	var rows []BreakGlassSession
	err := tx.Where("company_id = ? AND account_id = ? AND ended_at IS NULL AND ends_at > ?", about.Company, about.ID, models.At(tx.Now())).
		Order("session_id").Find(&rows).Error
	for _, row := range rows {
		if err == nil {
			err = endBreakGlass(tx, row)
		}
	}
	return err
}

// inside are the grants that count in a break-glass session: those of its
// company.
func inside(grants []tenancy.Grant, mark *models.BreakGlass) (kept []tenancy.Grant) {
	if mark == nil {
		return grants
	}
	for _, g := range grants {
		if g.CompanyID == mark.Company {
			kept = append(kept, g)
		}
	}
	return kept
}
