package mail

import "locum/models/mail"

// breakGlassEntered tells a manager that another came in past the identity
// provider.
func (w writer) breakGlassEntered(c mail.BreakGlassEntered) letter {
	company, person, reason := tidyPlace(c.Company), plain(c.Person), plain(c.Reason)
	names := []any{"Person", person, "Company", company.Name, "Reason", reason, "Ends", w.Time(c.Ends.Time)}
	l := letter{
		place:   company,
		band:    w.T("mail.band.break_glass"),
		subject: w.T("mail.break_glass.entered.subject", names...),
		preview: w.T("mail.break_glass.entered.preview", names...),
		title:   w.T("mail.break_glass.entered.title", names...),
		lead:    []string{w.T("mail.break_glass.entered.lead", names...)},
		note:    []string{w.T("mail.break_glass.entered.note")},
		action:  link{w.T("mail.break_glass.entered.action"), w.links.Company()},
		why:     []string{w.T("mail.break_glass.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.person", person+" <"+plain(c.Email)+">")...)
	l.facts = append(l.facts, w.fact("mail.fact.reason", reason)...)
	l.facts = append(l.facts, w.fact("mail.fact.came_in", w.DateTime(c.At.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.session_ends", w.DateTime(c.Ends.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.from_address", plain(c.Address))...)
	return w.finish(l)
}

// breakGlassNamed tells a manager that the list of those who may changed.
func (w writer) breakGlassNamed(c mail.BreakGlassNamed) letter {
	company, person := tidyPlace(c.Company), plain(c.Person)
	names := []any{"Person", person, "Company", company.Name}
	l := letter{
		place:   company,
		band:    w.T("mail.band.break_glass"),
		subject: w.T("mail.break_glass.named.subject", names...),
		preview: w.T("mail.break_glass.named.preview", names...),
		title:   w.T("mail.break_glass.named.title", names...),
		lead:    []string{w.T("mail.break_glass.named.lead", names...)},
		action:  link{w.T("mail.break_glass.action"), w.links.SignOn()},
		why:     []string{w.T("mail.break_glass.why", names...)},
	}
	if !c.Named {
		l.subject = w.T("mail.break_glass.removed.subject", names...)
		l.preview = w.T("mail.break_glass.removed.preview", names...)
		l.title = w.T("mail.break_glass.removed.title", names...)
		l.lead = []string{w.T("mail.break_glass.removed.lead", names...)}
		if c.Left == 0 {
			l.lead = append(l.lead, w.T("mail.break_glass.removed.none"))
		}
	}
	l.facts = append(l.facts, w.fact("mail.fact.person", person+" <"+plain(c.Email)+">")...)
	l.facts = append(l.facts, w.fact("mail.fact.named_by", plain(c.By))...)
	return w.finish(l)
}

// noBreakGlass tells the owner of an address that it is not for him.
func (w writer) noBreakGlass(mail.NoBreakGlass) letter {
	site := []any{"Site", w.links.Site()}
	return w.finish(letter{
		band:    w.T("mail.band.break_glass"),
		subject: w.T("mail.no_break_glass.subject"),
		preview: w.T("mail.no_break_glass.lead", site...),
		title:   w.T("mail.no_break_glass.title"),
		lead:    []string{w.T("mail.no_break_glass.lead", site...)},
		note:    []string{w.T("mail.no_break_glass.note")},
		why:     []string{w.T("mail.no_break_glass.why", site...)},
	})
}

// seat tells somebody who waited that he has a seat.
func (w writer) seat(c mail.Seat) letter {
	company := tidyPlace(c.Company)
	names := []any{"Company", company.Name}
	return w.finish(letter{
		place:   company,
		band:    w.T("mail.band.seat"),
		subject: w.T("mail.seat.subject", names...),
		preview: w.T("mail.seat.preview", names...),
		title:   w.T("mail.seat.title", names...),
		lead:    []string{w.T("mail.seat.lead", names...)},
		action:  link{w.T("mail.seat.action"), w.links.Home()},
		why:     []string{w.T("mail.seat.why", names...)},
	})
}
