package mail

import "locum/models/mail"

// webhookOff tells a manager that nothing is posted to an endpoint any more.
func (w writer) webhookOff(c mail.WebhookOff) letter {
	company, host := tidyPlace(c.Company), plain(c.Host)
	names := []any{"Host", host, "Company", company.Name}
	why := "mail.webhook_off.failing"
	if c.Why == "gone" {
		why = "mail.webhook_off.gone"
	}
	l := letter{
		place:   company,
		band:    w.T("mail.webhook_off.band"),
		subject: w.T("mail.webhook_off.subject", names...),
		preview: w.T(why, names...),
		title:   w.T("mail.webhook_off.title", names...),
		lead:    []string{w.T(why, names...), w.T("mail.webhook_off.what", names...)},
		action:  link{w.T("mail.webhook_off.action"), w.links.Webhook(c.Endpoint)},
		why:     []string{w.T("mail.webhook_off.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.webhook_off.address", host)...)
	if c.Since != nil {
		l.facts = append(l.facts, w.fact("mail.webhook_off.since", w.DateTime(c.Since.Time))...)
	}
	return w.finish(l)
}
