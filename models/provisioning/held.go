package provisioning

import (
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// tellHeldUp mails the company's managers that a run waits for them.
func tellHeldUp(tx *store.Tx, r *Run) error {
	return tx.Across("mail of a run that is held", func(tx *store.Tx) error {
		managers, err := tenancy.Managers(tx, r.CompanyID)
		if err != nil {
			return err
		}
		at, err := tenancy.PartyOf(tx, r.CompanyID, "")
		if err != nil {
			return err
		}
		for _, m := range managers {
			err := mail.Queue(tx, mail.Draft{Company: r.CompanyID, Key: "run_held:" + r.ID + ":" + r.Upto + ":" + m.ID, To: m.Recipient(),
				Content: mail.RunHeld{Run: r.ID, Name: r.SubjectName, Company: mail.PlaceOf(at), Left: int(r.Left())}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
