package mail

import (
	"cmp"

	"locum/models/mail"
)

// purposes names the parts of a set-up within a sentence.
func (w writer) purposes(list []string) string {
	var names []string
	for _, p := range list {
		names = append(names, w.T("layout.purpose."+p))
	}
	return w.List(names)
}

// setUpLink hands a part of a company's set-up over.
func (w writer) setUpLink(c SetUpAddress) letter {
	company, by := tidyPlace(c.Company), plain(c.InvitedBy)
	names := []any{"By", by, "Company", company.Name, "What", w.purposes(c.Purposes), "Expires", c.Expires}
	l := letter{
		place:   company,
		band:    w.T("mail.band.set_up"),
		subject: w.T("mail.set_up_link.subject", names...),
		preview: w.T("mail.set_up_link.preview", names...),
		title:   w.T("mail.set_up_link.title", names...),
		lead:    []string{w.T("mail.set_up_link.lead", names...)},
		note:    []string{w.T("mail.set_up_link.note", names...)},
		action:  link{w.T("mail.set_up_link.action"), w.links.SetUp(c.Token)},
		why:     []string{w.T("mail.set_up_link.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.company", w.party(company))...)
	l.facts = append(l.facts, w.fact("mail.fact.invited_by", by)...)
	l.facts = append(l.facts, w.fact("mail.fact.purposes", w.purposes(c.Purposes))...)
	l.facts = append(l.facts, w.fact("mail.fact.until", w.DateTime(c.Expires.Time))...)
	return w.finish(l)
}

// setUpOpened tells a manager that a set-up link is used for the first time.
func (w writer) setUpOpened(c mail.SetUpOpened) letter {
	company, person := tidyPlace(c.Company), plain(cmp.Or(c.Person, c.Email))
	names := []any{"Person", person, "Company", company.Name, "By", plain(c.MadeBy), "What", w.purposes(c.Purposes), "Ends", c.Ends}
	l := letter{
		place:   company,
		band:    w.T("mail.band.set_up"),
		subject: w.T("mail.set_up_opened.subject", names...),
		preview: w.T("mail.set_up_opened.preview", names...),
		title:   w.T("mail.set_up_opened.title", names...),
		lead:    []string{w.T("mail.set_up_opened.lead", names...)},
		action:  link{w.T("mail.set_up_opened.action"), w.links.SetUps()},
		why:     []string{w.T("mail.set_up.why", names...)},
	}
	who := person
	if c.Person != "" {
		who = w.T("mail.person", "Person", person, "Email", plain(c.Email))
	}
	l.facts = append(l.facts, w.fact("mail.fact.who", who)...)
	l.facts = append(l.facts, w.fact("mail.fact.purposes", w.purposes(c.Purposes))...)
	l.facts = append(l.facts, w.fact("mail.fact.link_made_by", plain(c.MadeBy))...)
	l.facts = append(l.facts, w.fact("mail.fact.entered", w.DateTime(c.At.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.until", w.DateTime(c.Ends.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.address", plain(c.Address))...)
	return w.finish(l)
}

// setUpBegan tells a manager that an operator sets the company up.
func (w writer) setUpBegan(c mail.SetUpBegan) letter {
	company, operator := tidyPlace(c.Company), plain(c.Operator)
	names := []any{"Person", operator, "Company", company.Name, "Ends", c.Ends}
	l := letter{
		place:   company,
		band:    w.T("mail.band.set_up"),
		subject: w.T("mail.set_up_began.subject", names...),
		preview: w.T("mail.set_up_began.preview", names...),
		title:   w.T("mail.set_up_began.title", names...),
		lead:    []string{w.T("mail.set_up_began.lead", names...)},
		action:  link{w.T("mail.set_up_began.action"), w.links.SetUps()},
		why:     []string{w.T("mail.set_up.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.who", w.T("mail.person", "Person", operator, "Email", plain(c.Email)))...)
	l.facts = append(l.facts, w.fact("mail.fact.reason", plain(c.Reason))...)
	l.facts = append(l.facts, w.fact("mail.fact.entered", w.DateTime(c.At.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.until", w.DateTime(c.Ends.Time))...)
	return w.finish(l)
}
