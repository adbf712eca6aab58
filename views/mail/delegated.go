package mail

import (
	"strings"

	"locum/models/mail"
)

// story is what the mails about one delegation share: the names in their
// sentences, the facts, and the links.
type story struct {
	writer
	mail.Delegated
	names []any
}

func (w writer) story(d mail.Delegated) story {
	d = tidy(d)
	who := d.Person
	if d.Firm.Name != "" {
		who = w.T("mail.who", "Person", d.Person, "Firm", d.Firm.Name)
	}
	return story{w, d, []any{"Who", who, "Person", d.Person, "Email", d.Email, "Firm", d.Firm.Name,
		"Host", d.Host.Name, "GivenBy", d.GivenBy, "Starts", d.Starts, "Until", w.until(d.Ends)}}
}

// t is a text that may use the story's names and further ones.
func (s story) t(key string, more ...any) string {
	return s.T(key, append(s.names[:len(s.names):len(s.names)], more...)...)
}

// toSuperuser is a mail for a superuser of the host, with everything he needs
// to tell whether it is normal: also the ways to the activity, to revoke and to
// the settings.
func (s story) toSuperuser(kind string, own []fact, more ...any) letter {
	l := s.letter(kind, more...)
	l.facts = append(own, s.background()...)
	l.settings = link{s.T("mail.action.settings"), s.links.Watch(s.Host.ID, s.Delegation)}
	l.action = link{s.T("mail.action.delegation"), s.links.Delegation(s.Host.ID, s.Delegation)}
	l.second = link{s.T("mail.action.activity"), s.links.Activity(s.Host.ID, s.Delegation)}
	l.revoke = link{s.T("mail.action.revoke"), s.links.Revoke(s.Host.ID, s.Delegation)}
	l.why = []string{s.t("mail.why.superuser")}
	return s.finish(l)
}

// ended is the same mail where nothing is left to revoke.
func (l letter) ended() letter {
	l.revoke = link{}
	return l
}

// background is who it is, of which firm, and who allowed what until when, and
// why.
func (s story) background() (facts []fact) {
	facts = append(facts, s.fact("mail.fact.who", s.person())...)
	facts = append(facts, s.fact("mail.fact.works_for", s.party(s.Firm))...)
	facts = append(facts, s.fact("mail.fact.given_by", s.GivenBy)...)
	facts = append(facts, s.fact("mail.fact.reason", s.reason())...)
	facts = append(facts, s.fact("mail.fact.roles", s.List(s.Locale.Roles(s.Roles)))...)
	return append(facts, s.period()...)
}

// toConsultant is a mail for the one to whom the delegation was given.
func (s story) toConsultant(kind string, own []fact, more ...any) letter {
	l := s.letter(kind, more...)
	l.facts = own
	l.facts = append(l.facts, s.fact("mail.fact.organization", s.party(s.Host))...)
	l.facts = append(l.facts, s.fact("mail.fact.given_by", s.GivenBy)...)
	if s.Reason != "" || s.Ticket != "" {
		l.facts = append(l.facts, s.fact("mail.fact.reason", s.reason())...)
	}
	l.facts = append(l.facts, s.fact("mail.fact.roles", s.List(s.Locale.Roles(s.Roles)))...)
	l.facts = append(l.facts, s.period()...)
	l.action = link{s.T("mail.action.offer"), s.links.Offer(s.Delegation)}
	l.why = []string{s.t("mail.why.consultant")}
	return s.finish(l)
}

// letter has the words that every kind has under the same names.
func (s story) letter(kind string, more ...any) letter {
	return letter{
		place:   s.Host,
		band:    s.T("mail.band.delegation"),
		subject: s.t("mail."+kind+".subject", more...),
		preview: s.t("mail."+kind+".preview", more...),
		title:   s.t("mail."+kind+".title", more...),
		lead:    []string{s.t("mail."+kind+".lead", more...)},
	}
}

// person is the name with the address that the delegation was given to.
func (s story) person() string {
	if s.Person == s.Email {
		return s.Email
	}
	return s.T("mail.person", "Person", s.Person, "Email", s.Email)
}

// reason is why it was given, with the ticket. That nobody said why is a fact
// too.
func (s story) reason() string {
	switch {
	case s.Reason == "" && s.Ticket == "":
		return s.T("mail.reason.none")
	case s.Reason == "" || s.Ticket == "":
		return s.Reason + s.Ticket
	}
	return strings.Join([]string{s.Reason, s.Ticket}, ", ")
}

func (s story) period() []fact {
	return append(s.fact("mail.fact.from", s.DateTime(s.Starts.Time)), s.fact("mail.fact.until", s.end(s.Ends))...)
}
