package mail

import "locum/models/mail"

// tokenMade tells a superuser that a visitor made a token for a program.
func (w writer) tokenMade(c mail.TokenMade) letter {
	s, name := w.story(c.Delegated), plain(c.Name)
	target := plain(c.Application)
	if target == "" {
		target = w.T("own_token.api")
	}
	own := append(w.fact("mail.fact.token", w.T("mail.token_made.token", "Name", name, "Suffix", plain(c.Suffix))), w.fact("mail.fact.token_for", target)...)
	own = append(own, w.fact("mail.fact.when", w.DateTime(c.At.Time))...)
	own = append(own, w.fact("mail.fact.address", plain(c.Address))...)
	own = append(own, w.fact("mail.fact.token_ends", w.DateTime(c.Expires.Time))...)
	l := s.toSuperuser("token_made", own, "Name", name, "For", target)
	l.note = []string{s.t("mail.token_made.note")}
	l.action = link{w.T("mail.token_made.action"), w.links.Tokens(s.Host.ID, s.Delegation)}
	l.second = link{w.T("mail.action.activity"), w.links.Visit(s.Host.ID, c.Visit)}
	l.revoke.label = w.T("mail.action.revoke_delegation") // and not the token
	return l
}
