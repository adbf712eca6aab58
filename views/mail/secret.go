package mail

import (
	"strconv"
	"time"

	"locum/models/mail"
)

// secretGiven tells a superuser who was given the value of a secret, with
// everything he needs to tell whether that is normal.
func (w writer) secretGiven(c mail.SecretGiven) letter {
	host, firm := tidyPlace(c.Host), tidyPlace(c.Firm)
	name, person, email := plain(c.Name), plain(c.Person), plain(c.Email)
	who := person
	if c.Through != nil && firm.Name != "" {
		who = w.T("mail.who", "Person", person, "Firm", firm.Name)
	}
	kind := "mail.secret_revealed"
	if c.Used {
		kind = "mail.secret_used"
	}
	names := []any{"Who", who, "Person", person, "Name", name, "Host", host.Name, "Version", strconv.Itoa(c.Version)}
	l := letter{
		place:   host,
		band:    w.T("mail.band.secret"),
		subject: w.T(kind+".subject", names...),
		preview: w.T("mail.secret_given.preview", names...),
		title:   w.T(kind+".title", names...),
		lead:    []string{w.T(kind+".lead", names...)},
		action:  link{w.T("mail.secret.action"), w.links.Secret(host.ID, c.Secret)},
		note:    []string{w.T("mail.secret_given.note")},
		why:     []string{w.T("mail.secret.why", names...)},
	}
	if c.Used {
		l.lead = append(l.lead, w.T("mail.secret_used.once"))
	}
	version := w.T("mail.secret_given.version", names...)
	if c.Older {
		version = w.T("mail.secret_given.version_older", names...)
	}
	l.facts = append(l.facts, w.fact("mail.fact.secret", name)...)
	l.facts = append(l.facts, w.fact("mail.fact.version", version)...)
	l.facts = append(l.facts, w.fact("mail.fact.when", w.DateTime(c.At.Time))...)
	if c.Through == nil {
		l.facts = append(l.facts, w.fact("mail.fact.who", w.T("mail.person", "Person", person, "Email", email))...)
	}
	l.facts = append(l.facts, w.fact("mail.fact.address", c.Address)...)
	if c.Through != nil {
		s := w.story(*c.Through)
		l.facts = append(l.facts, s.background()...)
		l.second = link{w.T("mail.action.activity"), w.links.Visit(host.ID, c.Visit)}
		l.revoke = link{w.T("mail.action.revoke_delegation"), w.links.Revoke(host.ID, c.Through.Delegation)}
		l.settings = link{w.T("mail.action.settings"), w.links.Watch(host.ID, c.Through.Delegation)}
	}
	return w.finish(l)
}

// secretExpiring tells a superuser that a secret is of no use soon, or any more.
func (w writer) secretExpiring(c mail.SecretExpiring) letter {
	host, name := tidyPlace(c.Host), plain(c.Name)
	kind := "mail.secret_expiring"
	if c.Over {
		kind = "mail.secret_expired"
	}
	last := w.Date(c.Ends.Add(-time.Second))
	names := []any{"Name", name, "Host", host.Name, "Last", last}
	l := letter{
		place:   host,
		band:    w.T("mail.band.secret"),
		subject: w.T(kind+".subject", names...),
		preview: w.T(kind+".preview", names...),
		title:   w.T(kind+".title", names...),
		lead:    []string{w.T(kind+".lead", names...)},
		action:  link{w.T("mail.secret.action"), w.links.Secret(host.ID, c.Secret)},
		why:     []string{w.T("mail.secret.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.secret", name)...)
	l.facts = append(l.facts, w.fact("mail.fact.last_day", last)...)
	return w.finish(l)
}
