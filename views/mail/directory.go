package mail

import "locum/models/mail"

// ofDirectory completes a mail about a directory with what all of them share.
func (w writer) ofDirectory(d mail.Directory, l letter, facts ...fact) letter {
	l.place, l.band = tidyPlace(d.Company), w.T("mail.directory.band")
	l.facts = append(w.fact("mail.directory.fact", plain(d.Name)), facts...)
	l.why = append([]string{w.T("mail.directory.why", "Company", l.place.Name)}, l.why...)
	return w.finish(l)
}

// directoryHeld tells a manager that removals wait for him.
func (w writer) directoryHeld(h mail.DirectoryHeld) letter {
	lost, waiting := w.Number(h.Lost), w.Number(h.Waiting)
	names := []any{"Name", plain(h.Name), "Company", tidyPlace(h.Company).Name, "Lost", lost, "Waiting", waiting}
	l := letter{subject: w.T("mail.directory_held.subject", names...), preview: w.T("mail.directory_held.preview", names...), title: w.T("mail.directory_held.title", names...),
		lead: []string{w.T("mail.directory_held.lead", names...), w.T("mail.directory_held.what", names...)}, action: link{w.T("mail.directory_held.action"), w.links.HeldRemovals(h.ID)}}
	facts := append(w.fact("mail.directory_held.lost", lost), w.fact("mail.directory_held.waiting", waiting)...)
	return w.ofDirectory(h.Directory, l, append(facts, w.fact("mail.directory_held.since", w.DateTime(h.At.Time))...)...)
}

// directoryKept tells a manager that somebody whom a directory removed keeps a
// role.
func (w writer) directoryKept(k mail.DirectoryKept) letter {
	company := tidyPlace(k.Company).Name
	where := plain(k.Where)
	if where == "" {
		where = company
	}
	names := []any{"Name", plain(k.Name), "Company", company, "Person", plain(k.Person), "Role", w.Role(plain(k.Role)), "Where", where}
	return w.ofDirectory(k.Directory, letter{subject: w.T("mail.directory_kept.subject", names...), preview: w.T("mail.directory_kept.preview", names...), title: w.T("mail.directory_kept.title", names...),
		lead: []string{w.T("mail.directory_kept.lead", names...), w.T("mail.directory_kept.what", names...)}, action: link{w.T("mail.directory_kept.action"), w.links.Directory(k.ID)}})
}

// directoryToken warns a manager of the end of a token.
func (w writer) directoryToken(t mail.DirectoryToken) letter {
	names := []any{"Name", plain(t.Name), "Company", tidyPlace(t.Company).Name, "Suffix", plain(t.Suffix), "Ends", w.Date(t.Ends.Time)}
	l := letter{subject: w.T("mail.directory_token.subject", names...), preview: w.T("mail.directory_token.preview", names...), title: w.T("mail.directory_token.title", names...),
		lead: []string{w.T("mail.directory_token.lead", names...), w.T("mail.directory_token.what", names...)}, action: link{w.T("mail.directory_token.action"), w.links.Directory(t.ID)}}
	if t.Ended {
		l = letter{subject: w.T("mail.directory_token_ended.subject", names...), preview: w.T("mail.directory_token_ended.preview", names...), title: w.T("mail.directory_token_ended.title", names...),
			lead: []string{w.T("mail.directory_token_ended.lead", names...), w.T("mail.directory_token_ended.what", names...)}, action: link{w.T("mail.directory_token_ended.action"), w.links.Directory(t.ID)}}
	}
	facts := append(w.fact("mail.directory_token.fact", "…"+plain(t.Suffix)), w.fact("mail.directory_token.ends", w.DateTime(t.Ends.Time))...)
	return w.ofDirectory(t.Directory, l, facts...)
}

// directorySilent tells a manager that a directory sends nothing any more.
func (w writer) directorySilent(s mail.DirectorySilent) letter {
	last := w.DateTime(s.Last.Time)
	names := []any{"Name", plain(s.Name), "Company", tidyPlace(s.Company).Name, "Last", last}
	l := letter{subject: w.T("mail.directory_silent.subject", names...), preview: w.T("mail.directory_silent.preview", names...), title: w.T("mail.directory_silent.title", names...),
		lead: []string{w.T("mail.directory_silent.lead", names...), w.T("mail.directory_silent.what", names...)}, action: link{w.T("mail.directory_silent.action"), w.links.Directory(s.ID)}}
	l.why = []string{w.N("mail.directory_silent.hours", s.Hours)}
	return w.ofDirectory(s.Directory, l, w.fact("mail.directory_silent.last", last)...)
}
