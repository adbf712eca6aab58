package mandate

import (
	"strings"
	"unicode/utf8"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// maxReason is the longest reason, in characters.
const maxReason = 500

// CheckReason trims an operator's reason and says what is wrong with it.
func CheckReason(reason string) (string, error) {
	wrong := models.FieldErrors{}
	switch reason = strings.TrimSpace(strings.ToValidUTF8(reason, "")); {
	case reason == "":
		wrong.Add("reason", "error.required")
	case utf8.RuneCountInString(reason) > maxReason:
		wrong.Add("reason", "error.too_long", "Max", maxReason)
	}
	return reason, wrong.Err()
}

// Begin makes the mandate of the operator who acts in a System transaction, over
// the whole set-up of a company, for OperatorLife. Its managers get mail.
func Begin(tx *store.Tx, company, reason string) (Mandate, models.Party, error) {
	at, err := tenancy.StandingOf(tx, company, "")
	if err != nil {
		return Mandate{}, models.Party{}, err
	}
	if !at.Open {
		return Mandate{}, at.Party, models.Fail(models.Conflict, "setup.error.suspended")
	}
	by, now := tx.Actor, models.At(tx.Now())
	m := Mandate{CompanyID: company, ID: models.NewID("mdt"), Kind: models.OperatorMandate, Purposes: encode(models.Purposes), Name: by.Name, Email: by.Email,
		Language: by.Language, AccountID: by.Account, Reason: reason, MadeBy: by.Account, MadeByName: by.Name,
		EndsAt: models.At(now.Add(OperatorLife)), FirstUsedAt: &now, LastUsedAt: &now, CreatedAt: now}
	if err := tx.Create(&m).Error; err != nil {
		return m, at.Party, err
	}
	tx.Record(event.SetUpBegan, store.About{ID: m.ID, Name: at.CompanyName, Company: company, Data: map[string]any{"reason": reason, "ends_at": m.EndsAt}})
	place := mail.Place{Name: at.CompanyName, Company: at.CompanyName, Domain: at.Domain}
	return m, at.Party, tell(tx, m, "set_up_began."+m.ID, mail.SetUpBegan{Mandate: m.ID, Company: place, Operator: by.Name, Email: by.Email, Reason: reason, At: now, Ends: m.EndsAt})
}
