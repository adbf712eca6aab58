// Package activity shows what happened: the feed of an organization or of a
// company, a sentence for each type of event, and both parties on each row. The
// sentences are the catalogs'; this package must never show an event's facts as
// they are stored.
package activity

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/tenancy"
	"locum/views/i18n"
)

// Names are what ids in events are called, as far as the reader may know. An id
// without a name is left out of the sentence.
type Names struct {
	Registry      tenancy.Registry
	Connectors    map[string]string
	Organizations map[string]models.Party // where events without a person belong
}

// Piece is a part of a sentence; strong for the names in it.
type Piece struct {
	Text   string
	Strong bool
}

// mark surrounds a name within a text, so that it can be found again once the
// text is put together. It cannot be part of a name.
const mark = "\x1f"

func strong(name string) string { return mark + strings.ReplaceAll(name, mark, "") + mark }

// facts are an event's data.
type facts map[string]any

func factsOf(e event.Event) facts {
	var f facts
	if json.Unmarshal([]byte(e.Data), &f) != nil {
		return facts{}
	}
	return f
}

func (f facts) text(name string) string {
	text, _ := f[name].(string)
	return text
}

func (f facts) number(name string) int {
	number, _ := f[name].(float64)
	return int(number)
}

func (f facts) time(name string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, f.text(name))
	if err != nil {
		return time.Time{}
	}
	return at
}

// Sentence says what an event was, in the reader's language.
func Sentence(l i18n.Locale, e event.Event, n Names) []Piece {
	return pieces(l.T(keyOf(l, e), argsOf(l, e, n)...))
}

// Text is the Sentence without emphasis.
func Text(l i18n.Locale, e event.Event, n Names) string {
	var b strings.Builder
	for _, piece := range Sentence(l, e, n) {
		b.WriteString(piece.Text)
	}
	return b.String()
}

// pieces cuts a text at the marks.
func pieces(text string) []Piece {
	var list []Piece
	for i, part := range strings.Split(text, mark) {
		if part != "" {
			list = append(list, Piece{part, i%2 == 1})
		}
	}
	return list
}

// keyOf chooses among the sentences of a type.
func keyOf(l i18n.Locale, e event.Event) string {
	key, f := "activity.event."+e.Type, factsOf(e)
	switch e.Type {
	case event.RoleGranted, event.RoleRemoved:
		switch {
		case byRule(e):
			return key + ".rule"
		case e.Type == event.RoleRemoved && f["ended"] == true:
			return key + ".ended"
		case e.Type == event.RoleGranted && f.text("ends_at") != "" && e.AccountID != "":
			if _, whole := l.LastDay(f.time("ends_at")); whole {
				return key + ".last_day"
			}
			return key + ".until"
		case e.AccountID == "" || e.AccountID == e.SubjectID:
			return key + ".alone"
		}
	case event.SignInRefused:
		if f.text("person_name") != "" {
			return key + ".kept_out"
		}
	case event.DomainVerified:
		if byOperator(e) {
			return key + ".operator"
		}
	case event.DelegationGranted, event.DelegationExtended:
		if f.text("ends_at") == "" {
			return key + ".open"
		}
	case event.DelegationWatchChanged:
		if f.text("mode") == string(tenancy.Muted) {
			return key + ".muted"
		}
	case event.DelegationWatchReset:
		if f.text("why") == delegation.NobodyHears {
			return key + ".floor"
		}
	case event.SessionRevoked:
		if f.text("person") != "" {
			return key + ".other"
		}
	case event.RoleDeleted:
		if f.text("with_name") != "" {
			return key + ".with"
		}
	case event.OrganizationChosen:
		if e.SubjectName == "" {
			return key + ".alone"
		}
	case event.AccountCreated:
		if e.AccountID == "" {
			return key + ".alone"
		}
	case event.ProfileResolved:
		if f.text("held") != "" {
			return key + ".held"
		}
	case event.SetUpEnded, event.WebhookSwitchedOff:
		if why := "." + f.text("why"); i18n.Has(key + why) {
			return key + why
		}
	case event.CompanyChanged:
		if f["silent_hours"] != nil {
			return key + ".silence"
		}
		switch f["sso_required"] {
		case true:
			return key + ".required"
		case false:
			return key + ".optional"
		}
	case event.BreakGlassEnded:
		if e.AccountID != "" && e.AccountID != f.text("person") {
			return key + ".other"
		}
	case event.AccountChanged:
		if e.AccountID != e.SubjectID && e.SubjectName != "" {
			return key + ".other"
		}
	}
	return key
}

// argsOf are the names that sentences use.
func argsOf(l i18n.Locale, e event.Event, n Names) []any {
	f := factsOf(e)
	lastDay, _ := l.LastDay(f.time("ends_at"))
	who := e.AccountName
	if who == "" {
		who = l.T("activity.locum")
	}
	return []any{
		"Who", strong(who),
		"What", strong(e.SubjectName),
		"Role", strong(roleName(l, n, cmp.Or(f.text("role"), f.text("held")), f.text("application"))),
		"With", strong(l.Role(f.text("with_name"))),
		"Person", strong(f.text("person_name")),
		"LastDay", l.Date(lastDay),
		"Until", l.Date(f.time("ends_at")),
		"Ends", l.DateTime(f.time("ends_at")),
		"Permission", strong(permission(l, f.text("permission"))),
	}
}

// roleName is "Editor", and in an application "Invoice matching: Editor".
func roleName(l i18n.Locale, n Names, role, application string) string {
	named, _ := n.Registry.Named(role)
	name := l.Role(named.Name)
	if name == "" {
		return l.T("activity.a_role")
	}
	if app := n.Registry.Applications[application].Name; app != "" {
		return app + ": " + name
	}
	return name
}

func permission(l i18n.Locale, name string) string {
	if key := "web.permission." + name; name != "" && i18n.Has(key) {
		return l.T(key)
	}
	return l.T("activity.something")
}

// Detail is a second line that some events have: a ticket, how long a visit
// took, which connector it was.
func Detail(l i18n.Locale, e event.Event, n Names) string {
	f := factsOf(e)
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	switch e.Type {
	case event.VisitLeft:
		add(l.T("activity.detail.lasted", "Period", l.Period(time.Duration(f.number("seconds"))*time.Second)))
		if why := "activity.left." + f.text("why"); i18n.Has(why) {
			add(l.T(why))
		}
	case event.VisitRefused, event.VisitHeld:
		add(needs(l, f))
	case event.SignedIn, event.SteppedUp:
		if how := "activity.method." + f.text("method"); i18n.Has(how) {
			add(l.T(how))
		}
	case event.SignInRefused:
		if reason := f.text("reason"); i18n.Has(reason) && f.text("person_name") == "" { // else the sentence says it
			text := l.T(reason)
			if f["count"] != nil {
				text = l.N(reason, f.number("count"))
			}
			if !strings.Contains(text, "<no value>") { // its arguments are not kept
				add(text)
			}
		}
		add(l.T("activity.detail.reference", "Reference", e.SubjectID))
	case event.RoleGranted, event.RoleRemoved:
		if name := n.Connectors[f.text("source_id")]; name != "" {
			add(l.T("activity.detail.connector", "Name", name))
		}
		if byRule(e) && e.AccountName != "" {
			add(l.T("activity.detail.after", "Who", e.AccountName))
		}
	case event.ConnectorCreated, event.ConnectorChanged:
		add(l.T("activity.detail.version", "Version", f.number("version")))
	case event.RoleReplaced:
		for _, of := range []string{"people", "invitations", "delegations"} {
			if count := f.number(of); count > 0 {
				add(l.N("activity.detail.replaced."+of, count))
			}
		}
	case event.FamilyRegistered, event.FamilyChanged, event.FamilyApplied:
		add(l.List(namesOf(l, f["roles"])))
		if count := f.number("people"); count > 0 {
			add(l.N("activity.detail.replaced.people", count))
		}
	case event.SetUpBegan:
		add(l.T("activity.detail.reason", "Reason", f.text("reason")))
	case event.SetUpLinkMade:
		add(l.List(purposesOf(l, f["purposes"])))
	case event.IdentityUnlinked:
		add(l.T("activity.detail.unlinked", "Name", f.text("name_id"), "Connection", f.text("connection_name")))
	case event.BreakGlassEntered:
		add(l.T("activity.detail.reason", "Reason", f.text("reason")))
		add(l.T("activity.detail.until", "Time", l.Time(f.time("ends_at"))))
	case event.SeatsChanged:
		if seats := f.number("seats"); seats > 0 {
			add(l.N("activity.detail.seats", seats))
		} else {
			add(l.T("activity.detail.seats.unlimited"))
		}
	case event.MemberInvited:
		add(l.List(rolesOf(l, n, f["roles"])))
	}
	switch {
	case byMandate(e, models.LinkMandate):
		add(l.T("activity.detail.by_link", "Who", e.AccountName, "By", f.text("mandate_by")))
	case byMandate(e, models.OperatorMandate):
		add(l.T("activity.detail.by_operator", "Who", e.AccountName, "Company", e.EffectiveOrganizationName))
	}
	add(f.text("ticket"))
	return strings.Join(parts, " · ")
}

// purposesOf names the parts of a set-up that a link is for.
func purposesOf(l i18n.Locale, list any) (names []string) {
	all, _ := list.([]any)
	for _, one := range all {
		text, _ := one.(string)
		if key := "layout.purpose." + text; i18n.Has(key) {
			names = append(names, l.T(key))
		}
	}
	return names
}

func rolesOf(l i18n.Locale, n Names, ids any) (names []string) {
	list, _ := ids.([]any)
	for _, id := range list {
		text, _ := id.(string)
		role, _ := n.Registry.Named(text)
		if name := roleName(l, n, text, role.ApplicationID); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// namesOf are roles that an event holds by name.
func namesOf(l i18n.Locale, list any) []string {
	all, _ := list.([]any)
	names := make([]string, len(all))
	for i, one := range all {
		names[i], _ = one.(string)
	}
	return l.Roles(names)
}
