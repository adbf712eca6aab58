package mail

import "locum/models/mail"

// held tells somebody that he keeps a role which the rules would take.
func (w writer) held(h mail.Held) letter {
	place, role := tidyPlace(h.Place), w.Role(plain(h.Role))
	names := []any{"Role", role, "Place", place.Name}
	return w.finish(letter{
		place:   place,
		band:    w.T("mail.band.held"),
		subject: w.T("mail.held.subject", names...),
		preview: w.T("mail.held.preview", names...),
		title:   w.T("mail.held.title", names...),
		lead:    []string{w.T("mail.held.lead", names...), w.T("mail.held.next", names...)},
		action:  link{w.T("mail.held.action"), w.links.Home()},
		why:     []string{w.T("mail.held.why", names...)},
	})
}

// runHeld tells a manager that a run waits for a decision.
func (w writer) runHeld(h mail.RunHeld) letter {
	company := tidyPlace(h.Company)
	names := []any{"Name", plain(h.Name), "Company", company.Name, "Left", w.Number(h.Left)}
	return w.finish(letter{
		place:   company,
		band:    w.T("mail.band.held"),
		subject: w.T("mail.run_held.subject", names...),
		preview: w.T("mail.run_held.preview", names...),
		title:   w.T("mail.run_held.title", names...),
		lead:    []string{w.T("mail.run_held.lead", names...), w.T("mail.run_held.next", names...)},
		action:  link{w.T("mail.run_held.action"), w.links.Run(h.Run)},
		why:     []string{w.T("mail.run_held.why", names...)},
	})
}
