package configuration

import (
	"strconv"
	"strings"

	"locum/models/tenancy"
)

// hosting is what an organization asks of visitors as the document wants it,
// checked, with what the document does not say as it stands.
func (m *comparison) hosting(d *Organization, old tenancy.Hosting) (tenancy.Hosting, error) {
	said := d.Visitors.Value
	now := tenancy.Hosting{Approval: said.Approval.or(old.Approval), LongestDays: said.LongestDays.or(old.LongestDays),
		TicketRequired: said.TicketRequired.or(old.TicketRequired), SecondFactor: said.SecondFactor.or(old.SecondFactor),
		SignInMinutes: said.SignInMinutes.or(old.SignInMinutes), OwnSignOn: said.OwnSignOn.or(old.OwnSignOn), Networks: old.Networks,
		MailNeeded: said.MailNeeded.or(old.MailNeeded), Notify: tenancy.Notify(said.Notify.or(string(old.Notify)))}
	if said.Networks.Said {
		var lines []string
		for _, line := range said.Networks.Items {
			lines = append(lines, line.Value)
		}
		now.Networks = strings.Join(lines, "\n")
	}
	err := m.wrong(now.Check(), d.Visitors.Place, map[string]Place{"longest_days": said.LongestDays.Place, "sign_in_minutes": said.SignInMinutes.Place,
		"networks": said.Networks.Place, "notify": said.Notify.Place})
	return now, err
}

func hostingFields(old, now tenancy.Hosting) []Field {
	oneLine := func(networks string) string { return strings.Join(strings.Fields(networks), " ") }
	return []Field{{"approval", yes(old.Approval), yes(now.Approval)}, {"longest days", strconv.Itoa(old.LongestDays), strconv.Itoa(now.LongestDays)},
		{"ticket required", yes(old.TicketRequired), yes(now.TicketRequired)}, {"second factor", yes(old.SecondFactor), yes(now.SecondFactor)},
		{"sign-in minutes", strconv.Itoa(old.SignInMinutes), strconv.Itoa(now.SignInMinutes)}, {"own sign-on", yes(old.OwnSignOn), yes(now.OwnSignOn)},
		{"networks", oneLine(old.Networks), oneLine(now.Networks)}, {"mail needed", yes(old.MailNeeded), yes(now.MailNeeded)}, {"notify", string(old.Notify), string(now.Notify)}}
}

// exportHosting says what an organization asks of visitors.
func exportHosting(h tenancy.Hosting) Section[Visitors] {
	v := Visitors{Approval: truth(h.Approval), LongestDays: number(h.LongestDays), TicketRequired: truth(h.TicketRequired), SecondFactor: truth(h.SecondFactor),
		SignInMinutes: number(h.SignInMinutes), OwnSignOn: truth(h.OwnSignOn), Networks: List[Text]{Said: true}, MailNeeded: truth(h.MailNeeded), Notify: say(string(h.Notify))}
	for network := range strings.FieldsSeq(h.Networks) {
		v.Networks.Items = append(v.Networks.Items, say(network))
	}
	return Section[Visitors]{Said: true, Value: v}
}
