package activity

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/tenancy"
	"locum/views/i18n"
)

var names = Names{Registry: tenancy.Registry{
	Roles:        map[string]tenancy.Role{"rol_editor": {ID: "rol_editor", Name: "Editor"}},
	Applications: map[string]tenancy.Application{"app_invoices": {ID: "app_invoices", Name: "Invoice matching"}},
}}

// Every type has a sentence in every language, whoever did it and however
// little is known of it.
func TestEveryTypeOfEventHasWords(t *testing.T) {
	data := []string{`{}`, `not JSON`, `{"role":"rol_editor","application":"app_invoices","source":"rule"}`, `{"ends_at":"2026-11-27T16:00:00Z"}`, `{"permission":"members.manage"}`}
	for _, lang := range i18n.Languages() {
		l := i18n.For(lang, "Europe/Amsterdam")
		for _, kind := range event.Types {
			for _, who := range []string{"", "acc_karin"} {
				for _, d := range data {
					e := event.Event{Type: kind, AccountID: who, SubjectID: "acc_sanne", SubjectName: "Sanne Kuipers", Data: d}
					if who != "" {
						e.AccountName = "Karin Schouten"
					}
					text := Text(l, e, names)
					if strings.Contains(text, "activity.") || strings.Contains(text, "<no value>") || strings.Contains(text, mark) || len(text) < 8 {
						t.Errorf("%s: %s with %s reads %q", lang, kind, d, text)
					}
					if detail := Detail(l, e, names); strings.Contains(detail, "activity.") || strings.Contains(detail, "<no value>") {
						t.Errorf("%s: %s with %s adds %q", lang, kind, d, detail)
					}
				}
			}
		}
	}
}

// Every type can be found through a kind.
func TestEveryTypeOfEventHasAKind(t *testing.T) {
	for _, kind := range event.Types {
		found := false
		for _, g := range Groups {
			for _, of := range g.Types {
				found = found || kind == of || strings.HasPrefix(kind, of+".")
			}
		}
		if !found {
			t.Errorf("no kind shows %s", kind)
		}
	}
}

func TestNamesStandOutAndCannotBreakTheSentence(t *testing.T) {
	l := i18n.For("en", "Europe/Amsterdam")
	e := event.Event{Type: event.MemberRemoved, AccountID: "acc_k", AccountName: "Karin" + mark + "Schouten {{.What}}", SubjectName: "<b>Sanne</b>"}
	got := Sentence(l, e, names)
	want := []Piece{{"KarinSchouten {{.What}}", true}, {" removed ", false}, {"<b>Sanne</b>", true}, {" from the members", false}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("piece %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestRoleInAnApplicationIsNamedWithIt(t *testing.T) {
	l := i18n.For("nl", "Europe/Amsterdam")
	e := event.Event{Type: event.RoleGranted, AccountID: "acc_k", AccountName: "Karin Schouten", SubjectID: "acc_s", SubjectName: "Sanne Kuipers",
		Data: `{"role":"rol_editor","application":"app_invoices","source":"manual"}`}
	if got := Text(l, e, names); got != "Karin Schouten gaf Sanne Kuipers de rol Invoice matching: Editor" {
		t.Error(got)
	}
}

// Days are the reader's: what was before midnight in Amsterdam may be another
// day in Tokyo.
func TestDaysAreThoseOfTheReader(t *testing.T) {
	at := func(hour int) event.Event {
		return event.Event{OccurredAt: models.At(time.Date(2026, 11, 16, hour, 0, 0, 0, time.UTC))}
	}
	events := []event.Event{at(22), at(16), at(14)}
	for zone, want := range map[string]int{"Europe/Amsterdam": 1, "Asia/Tokyo": 2, "Australia/Sydney": 1} {
		if got := Days(i18n.For("en", zone), events); len(got) != want {
			t.Errorf("%s has %d days, want %d", zone, len(got), want)
		}
	}
}

// What was done by a mandate says so: who, by whose link, or as an operator on
// whose behalf.
func TestAMandateIsTold(t *testing.T) {
	l := i18n.For("en", "Europe/Amsterdam")
	byLink := event.Event{Type: event.DomainAdded, AccountName: "ilse@it.example", SubjectName: "devries.example",
		EffectiveOrganizationName: "De Vries Logistiek", Data: `{"mandate":"mdt_1","mandate_kind":"link","mandate_by":"Marieke de Vries"}`}
	if got := Detail(l, byLink, names); got != "ilse@it.example by set-up link made by Marieke de Vries" {
		t.Errorf("by a link: %q", got)
	}
	operator := event.Event{Type: event.DomainAdded, AccountID: "acc_olga", AccountName: "Olga Brandt", SubjectName: "devries.example", CompanyID: "com_1", RealCompanyID: "com_9",
		RealOrganizationName: "Hub Hosting", EffectiveOrganizationName: "De Vries Logistiek", Data: `{"mandate":"mdt_2","mandate_kind":"operator"}`}
	if got := Detail(l, operator, names); got != "On behalf of De Vries Logistiek by operator Olga Brandt" {
		t.Errorf("by an operator: %q", got)
	}
	if at := effective(operator, names); at.Company != "com_1" || at.Label() != "De Vries Logistiek" || own(operator, names).Label() != "Hub Hosting" {
		t.Errorf("at %+v", at)
	}
	for _, e := range []event.Event{byLink, operator} {
		if _, key := how(e); key == "activity.how.locum" || key == "activity.how.member" {
			t.Errorf("done by %s", key)
		}
		if machine(e) {
			t.Error("nobody is named")
		}
	}
}

// What a person did is not put down to a connector, to the company or to nobody.
func TestTheSentenceNamesWhoAndWhy(t *testing.T) {
	l := i18n.For("en", "Europe/Amsterdam")
	removed := event.Event{Type: event.RoleRemoved, AccountID: "acc_m", AccountName: "Marieke", SubjectID: "acc_k", SubjectName: "Koen Maes",
		Data: `{"role":"rol_editor","source":"rule","source_id":"con_x","offboarded":true}`}
	refused := event.Event{Type: event.SignInRefused, SubjectID: "ref_1", SubjectName: "De Vries sign-in", Data: `{"reason":"federation.error.kept_out","person_name":"Koen Maes"}`}
	vouched := event.Event{Type: event.DomainVerified, AccountID: "acc_l", AccountName: "Lotte", SubjectName: "devries.example", Data: `{"by":"operator"}`}
	given := event.Event{Type: event.RoleGranted, AccountID: "acc_m", AccountName: "Marieke", SubjectID: "acc_k", SubjectName: "Koen Maes",
		Data: `{"role":"rol_editor","source":"manual","ends_at":"2026-12-22T23:00:00Z"}`}
	for want, e := range map[string]event.Event{
		"Marieke took the role Editor from Koen Maes":                                            removed,
		"The sign-in of Koen Maes through De Vries sign-in was refused: kept out of the company": refused,
		"Operator Lotte vouched for devries.example":                                             vouched,
		"Marieke gave Koen Maes the role Editor until Tue 22 Dec 2026":                           given,
	} {
		if got := Text(l, e, names); got != want {
			t.Errorf("it reads %q, want %q", got, want)
		}
	}
	seats := event.Event{Type: event.SeatsChanged, AccountID: "acc_l", AccountName: "Lotte"}
	for e, want := range map[*event.Event]string{&removed: "activity.how.member", &vouched: "activity.how.operator", &seats: "activity.how.operator"} {
		if _, key := how(*e); key != want {
			t.Errorf("%s was done as %s, want %s", e.Type, key, want)
		}
	}
}
