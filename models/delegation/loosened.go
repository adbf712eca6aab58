package delegation

import (
	"locum/models"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// tellLoosened tells the other superusers when a host asks less of its visitors,
// or of the delegations that it gives: one could do so, give what two would have to
// agree to, and set it back. It is mailed whatever they chose, and runs in the
// System transaction of the change.
func tellLoosened(tx *store.Tx, changed store.About) error {
	before, _ := changed.Data[store.Previous].(map[string]any)
	if len(before) == 0 || changed.Organization == "" {
		return nil
	}
	var list []string
	for _, what := range tenancy.Loosened(hostingFrom(before, nil), hostingFrom(before, changed.Data)) {
		list = append(list, string(what))
	}
	if len(list) == 0 {
		return nil
	}
	host, err := tenancy.PartyOf(tx, changed.Company, changed.Organization)
	if err != nil {
		return err
	}
	_, err = notice.Tell(tx, notice.News{Company: changed.Company, Organization: changed.Organization, Key: "host.loosened." + models.NewID("chg"),
		Content: mail.Loosened{Host: mail.PlaceOf(host), By: tx.Actor.Name, What: list, At: models.At(tx.Now())}, Except: []string{tx.Actor.Account}})
	return err
}

// hostingFrom reads what a host asks out of what changed: as it was, or with the
// values by which it was replaced. What did not change is alike on both sides.
func hostingFrom(before, after map[string]any) (h tenancy.Hosting) {
	value := func(column string) any {
		was, changed := before[column]
		if changed && after != nil {
			return after[column]
		}
		return was
	}
	h.Approval, _ = value("host_approval").(bool)
	h.LongestDays, _ = value("host_longest_days").(int)
	h.SecondFactor, _ = value("host_second_factor").(bool)
	h.SignInMinutes, _ = value("host_sign_in_minutes").(int)
	h.OwnSignOn, _ = value("host_own_sign_on").(bool)
	h.Networks, _ = value("host_networks").(string)
	h.MailNeeded, _ = value("host_mail_needed").(bool)
	return h
}
