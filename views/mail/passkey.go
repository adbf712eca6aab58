package mail

import "locum/models/mail"

// passkey tells a person that a passkey of his came or went.
func (w writer) passkey(c mail.Passkey) letter {
	kind := "mail.passkey.removed."
	if c.Added {
		kind = "mail.passkey.added."
	}
	name := plain(c.Name)
	names := []any{"Name", name, "Site", w.links.Site()}
	l := letter{
		band:    w.T("mail.band.passkey"),
		subject: w.T(kind + "subject"),
		preview: w.T(kind+"lead", names...),
		title:   w.T(kind + "title"),
		lead:    []string{w.T(kind+"lead", names...)},
		note:    []string{w.T("mail.passkey.note")},
		action:  link{w.T("mail.passkey.action"), w.links.Account()},
		why:     []string{w.T("mail.passkey.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.passkey", name)...)
	l.facts = append(l.facts, w.fact("mail.fact.when", w.DateTime(c.At.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.address", plain(c.Address))...)
	return w.finish(l)
}
