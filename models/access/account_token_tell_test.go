package access_test

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// hears sets how a superuser of Zonneveld hears of visits.
func hears(w *modelstest.World, person string, mode tenancy.Notify) {
	w.System(func(tx *store.Tx) error {
		if err := tx.Where("account_id = ?", w.ID(person)).Delete(&notice.Watch{}).Error; err != nil {
			return err
		}
		return tx.Create(&notice.Watch{CompanyID: w.Zonneveld.Company, OrganizationID: w.Zonneveld.Organization, AccountID: w.ID(person), Mode: mode,
			MutedUntil: models.AtPtr(w.Now().Add(24 * time.Hour)), ChangedAt: models.At(w.Now())}).Error
	})
}

// deliveries are how the news of tokens reached somebody, the newest first.
func deliveries(w *modelstest.World, person string) (list []string) {
	w.System(func(tx *store.Tx) error {
		return tx.Model(&notice.Entry{}).Where("account_id = ? AND kind = ?", w.ID(person), mail.TokenMadeKind).Order("created_at DESC, id DESC").Pluck("delivery", &list).Error
	})
	return list
}

func TestSuperusersHearOfATokenMadeInAVisitAsTheyChose(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		app := connected(t, w, true)
		w.Delegate("karin", "sanne", delegation.Month)
		made(t, w, "sanne", access.TokenDraft{Scopes: []string{"applications.read"}})
		if n := len(w.Mails(mail.TokenMadeKind)); n != 0 {
			t.Fatalf("%d mails of a token made at home", n)
		}
		w.Switch("sanne", w.Zonneveld)
		row, _ := made(t, w, "sanne", access.TokenDraft{Application: app.ID})
		mails := w.Mails(mail.TokenMadeKind)
		if len(mails) != 2 {
			t.Fatalf("%d mails, for two superusers", len(mails))
		}
		content, err := mails[0].Content()
		if err != nil {
			t.Fatal(err)
		}
		c := content.(mail.TokenMade)
		if c.Name != row.Name || c.Suffix != row.Suffix || c.Application != app.Name || c.Visit != row.VisitID || c.Person != "Sanne Kuipers" || !c.Expires.Equal(row.ExpiresAt.Time) {
			t.Errorf("it says %+v", c)
		}
		for mode, want := range map[tenancy.Notify]string{tenancy.PerVisit: "visit", tenancy.Digest: "digest", tenancy.Muted: "inbox", tenancy.AtOnce: "mail"} {
			hears(w, "pim", mode)
			w.Advance(time.Second)
			made(t, w, "sanne", access.TokenDraft{Scopes: []string{"applications.read"}})
			if got := deliveries(w, "pim")[0]; got != want {
				t.Errorf("%s: told by %s", mode, got)
			}
			if got := deliveries(w, "karin")[0]; got != "mail" {
				t.Errorf("the other superuser is told by %s", got)
			}
		}
		hears(w, "pim", tenancy.Digest)
		w.Advance(12 * time.Hour)
		w.NewSession("sanne")
		if err := w.Digests.Send(w.Ctx); err != nil {
			t.Fatal(err)
		}
		digests := w.Mails(mail.DigestKind)
		if len(digests) != 1 {
			t.Fatalf("%d digests", len(digests))
		}
		content, err = digests[0].Content()
		if err != nil {
			t.Fatal(err)
		}
		if lines := content.(mail.Digest).Of[0].Lines; len(lines) == 0 || lines[0].Kind != mail.TokenMadeKind || lines[0].Name != "script" {
			t.Errorf("the digest says %+v", lines)
		}
	})
}

// The mails of a visit are one thread, also for whom the entry was no mail; each
// has an id of its own.
func TestTheMailsOfAVisitAreOneThreadWhoeverWasToldOfTheEntry(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		w.Delegate("karin", "sanne", delegation.Month)
		w.Switch("sanne", w.Zonneveld)
		w.Switch("sanne", w.Kade)
		hears(w, "pim", tenancy.PerVisit)
		w.Switch("sanne", w.Zonneveld)
		visit := w.Actor("sanne").Visit
		hears(w, "pim", tenancy.AtOnce)
		for range 2 {
			made(t, w, "sanne", access.TokenDraft{Scopes: []string{"applications.read"}})
		}
		w.Switch("sanne", w.Kade)
		ids, first := map[string]bool{}, ""
		var last mail.Left
		for _, m := range w.Mails(mail.EnteredKind, mail.TokenMadeKind, mail.LeftKind) {
			content, err := m.Content()
			if err != nil {
				t.Fatal(err)
			}
			of := ""
			switch c := content.(type) {
			case mail.Entered:
				of = c.Visit
			case mail.TokenMade:
				of = c.Visit
			case mail.Left:
				of, last = c.Visit, c
			}
			if of != visit || m.AccountID != w.ID("pim") {
				continue
			}
			if ids[m.MessageID] {
				t.Errorf("two mails are %s", m.MessageID)
			}
			ids[m.MessageID] = true
			if m.InReplyTo == "" {
				first = m.MessageID
			}
		}
		if len(ids) != 3 || first == "" {
			t.Fatalf("his mails: %v, opened by %q", ids, first)
		}
		if len(last.Done) != 1 || last.Done[0] != (mail.Line{Type: event.AccountTokenCreated, Count: 2}) {
			t.Errorf("the summary says %+v", last.Done)
		}
	})
}
