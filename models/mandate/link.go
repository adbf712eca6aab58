package mandate

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/secret"
	"locum/models/store"
	"locum/models/tenancy"
)

// Draft is what a set-up link is made of. Name may be empty.
type Draft struct {
	Name     string
	Email    string
	Language string // of the mail and, at first, of the screens
	Purposes []models.Purpose
}

// Offered are the purposes that an actor can hand over: those for which he has
// every permission himself.
func Offered(by models.Actor) (list []models.Purpose) {
	for _, purpose := range models.Purposes {
		if mayAll(by, []models.Purpose{purpose}) {
			list = append(list, purpose)
		}
	}
	return list
}

// Make makes a set-up link of the actor's company for one address and mails it
// there. It lasts LinkLife.
func (m *Mandates) Make(ctx context.Context, by models.Actor, in Draft) (row Mandate, err error) {
	email, err := in.check()
	if err != nil {
		return row, err
	}
	err = m.store.Write(ctx, by, models.HandOverSetUp, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil { // it would outlive the session
			return err
		}
		if !mayAll(tx.Actor, in.Purposes) { // nobody hands over what he has not
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.HandOverSetUp))
		}
		row = Mandate{CompanyID: tx.Actor.Effective.Company, ID: models.NewID("mdt"), Kind: models.LinkMandate, Purposes: encode(in.Purposes),
			Name: in.Name, Email: email.Typed, Normal: email.Normal, Language: in.Language, MadeBy: tx.Actor.Account, MadeByName: tx.Actor.Name,
			EndsAt: models.At(tx.Now().Add(LinkLife)), CreatedAt: models.At(tx.Now())}
		token, err := Token(m.keys, row.ID)
		if err != nil {
			return err
		}
		row.TokenHash = secret.Hash(token)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		tx.Record(event.SetUpLinkMade, store.About{ID: row.ID, Name: row.Holder(), Data: map[string]any{"email": row.Email, "purposes": row.For()}})
		return mail.Queue(tx, mail.Draft{Company: row.CompanyID, Key: mailKey(row), To: mail.Recipient{Name: row.Name, Email: row.Email, Language: row.Language},
			Content: mail.SetUpLink{Mandate: row.ID, Company: mail.Place{Name: tx.Actor.Effective.CompanyName, Company: tx.Actor.Effective.CompanyName,
				Domain: tx.Actor.Effective.Domain}, InvitedBy: tx.Actor.Name, Purposes: names(row.For()), Expires: row.EndsAt}})
	})
	return row, err
}

func (in *Draft) check() (account.Email, error) {
	wrong := models.FieldErrors{}
	email := account.CheckEmail(in.Email, "email", wrong)
	if in.Name = strings.TrimSpace(in.Name); in.Name != "" {
		in.Name = account.CheckName(in.Name, "name", wrong)
	}
	if len(in.Purposes) == 0 {
		wrong.Add("purpose", "setup.error.purpose")
	}
	if slices.ContainsFunc(in.Purposes, func(p models.Purpose) bool { return !slices.Contains(models.Purposes, p) }) {
		wrong.Add("purpose", "error.choice")
	}
	if !slices.Contains(account.Languages, in.Language) {
		wrong.Add("language", "error.choice")
	}
	return email, wrong.Err()
}

// mailKey names the mail with a link in the outbox.
func mailKey(m Mandate) string { return "set_up_link." + m.ID }

// withdraw keeps the mail of a link that ended from going out.
func withdraw(tx *store.Tx, m Mandate) error {
	if m.Kind != models.LinkMandate {
		return nil
	}
	return mail.Withdraw(tx, m.CompanyID, mailKey(m))
}

func names(purposes []models.Purpose) (list []string) {
	for _, p := range purposes {
		list = append(list, string(p))
	}
	return list
}

// Offer is a link as the one who opens it sees it before he proved who he is.
type Offer struct {
	Mandate
	Company string // its name
}

// ByToken finds the link with a token, in a System transaction. One that does
// not hold is answered as one that never was.
func ByToken(tx *store.Tx, token string) (o Offer, err error) {
	err = tx.Where("token_hash = ? AND kind = ?", secret.Hash(token), models.LinkMandate).Take(&o.Mandate).Error
	if err != nil {
		return o, unknown(err)
	}
	at, err := tenancy.StandingOf(tx, o.CompanyID, "")
	if err != nil {
		return o, err
	}
	if o.Company = at.CompanyName; !o.Active(tx.Now()) || !at.Open {
		return Offer{}, models.Unknown()
	}
	return o, nil
}

// Opened notes that the link is used, and tells the company's managers and who
// made it when that is for the first time. It runs in a System transaction.
func Opened(tx *store.Tx, o Offer, by models.Actor) error {
	now := models.At(tx.Now())
	first := tx.Model(&Mandate{}).Where("company_id = ? AND id = ? AND first_used_at IS NULL", o.CompanyID, o.ID).Update("first_used_at", now)
	if first.Error != nil {
		return first.Error
	}
	if err := tx.Model(&Mandate{}).Where("company_id = ? AND id = ?", o.CompanyID, o.ID).Update("last_used_at", now).Error; err != nil {
		return err
	}
	tx.Record(event.SetUpLinkOpened, store.About{ID: o.ID, Name: o.Holder(), As: &by, Company: o.CompanyID, Data: map[string]any{"first": first.RowsAffected > 0}})
	if first.RowsAffected == 0 {
		return nil
	}
	return tell(tx, o.Mandate, "set_up_opened."+o.ID, mail.SetUpOpened{Mandate: o.ID, Company: mail.Place{Name: o.Company, Company: o.Company},
		Person: o.Name, Email: o.Email, MadeBy: o.MadeByName, Purposes: names(o.For()), At: now, Ends: o.EndsAt, Address: by.Address})
}

// tell mails the managers of a mandate's company, and who made it.
func tell(tx *store.Tx, m Mandate, key string, content mail.Content) error {
	people, err := tenancy.Managers(tx, m.CompanyID)
	if err != nil {
		return err
	}
	made := func(p account.Person) bool { return p.ID == m.MadeBy }
	if m.Kind == models.LinkMandate && !slices.ContainsFunc(people, made) {
		maker, err := account.Load(tx, m.MadeBy)
		if err != nil {
			return err
		}
		people = append(people, maker)
	}
	for _, p := range people {
		if err := mail.Queue(tx, mail.Draft{Company: m.CompanyID, Key: key + "." + p.ID, To: p.Recipient(), Content: content}); err != nil {
			return err
		}
	}
	return nil
}
