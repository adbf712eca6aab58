package mail

import "locum/models/mail"

// webhookOff tells whoever looks after an endpoint that nothing is posted to it any
// more.
func (w writer) webhookOff(c mail.WebhookOff) letter {
	place, host := tidyPlace(c.Place), plain(c.Host)
	reason, open := "mail.webhook_off.why.manager", w.links.Webhook(c.Endpoint)
	switch {
	case c.Organization:
		reason, open = "mail.webhook_off.why.superuser", w.links.OwnWebhook(place.ID, c.Endpoint)
	case place.Name == "":
		reason, open = "mail.webhook_off.why.operator", w.links.PlatformWebhook(c.Endpoint)
		place.Name = w.T("mail.webhook_off.platform")
	}
	names := []any{"Host", host, "Place", place.Name}
	why := "mail.webhook_off.failing"
	if c.Why == "gone" {
		why = "mail.webhook_off.gone"
	}
	l := letter{
		place:   place,
		band:    w.T("mail.webhook_off.band"),
		subject: w.T("mail.webhook_off.subject", names...),
		preview: w.T(why, names...),
		title:   w.T("mail.webhook_off.title", names...),
		lead:    []string{w.T(why, names...), w.T("mail.webhook_off.what", names...)},
		action:  link{w.T("mail.webhook_off.action"), open},
		why:     []string{w.T(reason, names...)},
	}
	l.facts = append(l.facts, w.fact("mail.webhook_off.address", host)...)
	if c.Since != nil {
		l.facts = append(l.facts, w.fact("mail.webhook_off.since", w.DateTime(c.Since.Time))...)
	}
	return w.finish(l)
}
