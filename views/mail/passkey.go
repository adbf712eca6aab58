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

// passkeysReset tells a person, and who else could have done it, that all of his
// passkeys were taken away.
func (w writer) passkeysReset(c mail.PasskeysReset) letter {
	person, by := plain(c.Person), plain(c.By)
	names := []any{"Person", person, "By", by, "Site", w.links.Site()}
	kind := "mail.passkeys_reset."
	if c.ToOther {
		kind = "mail.passkeys_reset_other."
	}
	l := letter{band: w.T("mail.band.passkey"), subject: w.T(kind+"subject", names...), preview: w.T(kind+"preview", names...), title: w.T(kind+"title", names...),
		lead: []string{w.T(kind+"lead", names...)}, note: []string{w.T(kind+"note", names...)}, why: []string{w.T(kind+"why", names...)},
		action: link{w.T("mail.passkey.action"), w.links.Account()}}
	if c.ToOther {
		l.action = link{w.T("mail.passkeys_reset.home"), w.links.Home()}
		l.facts = append(l.facts, w.fact("mail.fact.who", person)...)
	}
	l.facts = append(l.facts, w.fact("mail.fact.reset_by", by)...)
	l.facts = append(l.facts, w.fact("mail.fact.passkeys", w.Number(c.Count))...)
	l.facts = append(l.facts, w.fact("mail.fact.when", w.DateTime(c.At.Time))...)
	return w.finish(l)
}
