package jobs

import (
	"context"
	"slices"
	"testing"

	"github.com/emersion/go-smtp"

	"locum/models"
	"locum/models/mail"
)

// noted keeps what is noted of addresses.
type noted struct{ list []string }

func (n *noted) Bounced(_ context.Context, account, email, code string) error {
	n.list = append(n.list, "bounced "+account+" "+email+" "+code)
	return nil
}

func (n *noted) Reached(_ context.Context, account, email string) error {
	n.list = append(n.list, "reached "+account+" "+email)
	return nil
}

// TestAnAddressBouncesOnlyWhenItIsRefusedForGood: not when the server is down,
// full or strict, nor when it is the letter that it refuses.
func TestAnAddressBouncesOnlyWhenItIsRefusedForGood(t *testing.T) {
	d := newDesk(t, "sqlite")
	for name, c := range map[string]struct {
		onMail, onRcpt, onData error
		want                   []string
	}{
		"no such mailbox": {onRcpt: answer(550, smtp.EnhancedCode{5, 1, 1}, "no such user"), want: []string{"bounced acc_1 karin@zonneveld.example 550 5.1.1"}},
		"mailbox is full": {onRcpt: answer(452, smtp.EnhancedCode{4, 2, 2}, "full")},
		"relaying denied": {onRcpt: answer(554, smtp.EnhancedCode{5, 7, 1}, "relaying denied")},
		"the letter":      {onData: answer(554, smtp.EnhancedCode{5, 6, 0}, "no")},
		"the sender":      {onMail: answer(550, smtp.EnhancedCode{5, 1, 8}, "no")},
		"taken":           {want: []string{"reached acc_1 karin@zonneveld.example"}},
	} {
		addresses := &noted{}
		d.worker.Addresses = addresses
		d.server.refuse(c.onMail, c.onRcpt, c.onData)
		_ = d.work(d.queue(entered(name)), 1) // what becomes of the mail is another test's
		if !slices.Equal(addresses.list, c.want) {
			t.Errorf("%s: %v, want %v", name, addresses.list, c.want)
		}
		d.server.refuse(nil, nil, nil)
	}
}

func TestAnInvitationToAnAddressWithoutAccountIsNobodysBounce(t *testing.T) {
	d := newDesk(t, "sqlite")
	addresses := &noted{}
	d.worker.Addresses = addresses
	d.server.refuse(nil, answer(550, smtp.EnhancedCode{5, 1, 1}, "no such user"), nil)
	in := draft("invitation", mail.Invitation{Delegated: mail.Delegated{Delegation: "dlg_1", Host: mail.Place{ID: "org_1", Name: "Z"}, Email: "x@y.example", Starts: models.At(noon)}})
	in.To.Account = ""
	_ = d.work(d.queue(in), 1)
	if len(addresses.list) != 0 {
		t.Errorf("%v", addresses.list)
	}
}
