package webhook

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Lane names an endpoint that has something to be posted now.
type Lane struct {
	Company, Endpoint string
	Due               int  // how many deliveries; at most MostDue
	Failing           bool // it did not take the last one
}

// MostDue is up to how many due deliveries of one endpoint are counted.
const MostDue = 16

// Lease is for how long a delivery that is under way is left alone. After that
// whoever took it is taken for dead, and it is posted again.
const Lease = time.Minute

// Parcel is a delivery ready to be posted.
type Parcel struct {
	Company, Delivery, Endpoint string
	Attempt                     int // from 1
	URL                         string
	Headers                     map[string]string
	Body                        string
}

// due keeps the deliveries that can be posted at a moment.
const due = "state = ? AND next_at <= ?"

// Due lists the endpoints with something to post.
func (w *Webhooks) Due(ctx context.Context) (lanes []Lane, err error) {
	err = w.store.SystemRead(ctx, "endpoints with something to post", func(tx *store.Tx) error {
		now := models.At(tx.Now())
		var counts []struct {
			CompanyID, EndpointID string
			Count                 int
		}
		err := tx.Model(&Delivery{}).Where(due, Waiting, now).Select("company_id, endpoint_id, count(*) AS count").
			Group("company_id, endpoint_id").Find(&counts).Error
		if err != nil || len(counts) == 0 {
			return err
		}
		var endpoints []Endpoint
		if err := tx.Where("enabled = ? AND (paused_until IS NULL OR paused_until <= ?)", true, now).Find(&endpoints).Error; err != nil {
			return err
		}
		open := map[[2]string]Endpoint{}
		for _, e := range endpoints {
			open[[2]string{e.CompanyID, e.ID}] = e
		}
		for _, c := range counts {
			if e, there := open[[2]string{c.CompanyID, c.EndpointID}]; there {
				lanes = append(lanes, Lane{c.CompanyID, c.EndpointID, min(c.Count, MostDue), e.FailingSince != nil})
			}
		}
		return nil
	})
	return lanes, err
}

// Take takes the delivery of an endpoint that has waited longest, for a Lease;
// nil when there is none to take.
func (w *Webhooks) Take(ctx context.Context, lane Lane) (p *Parcel, err error) {
	err = w.store.System(ctx, "take a delivery", func(tx *store.Tx) error {
		tx.NothingToRecord()
		now := models.At(tx.Now())
		var e Endpoint
		err := tx.Where("company_id = ? AND id = ? AND enabled = ? AND (paused_until IS NULL OR paused_until <= ?)", lane.Company, lane.Endpoint, true, now).Take(&e).Error
		if store.Missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		var d Delivery
		err = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked}).
			Where("company_id = ? AND endpoint_id = ?", e.CompanyID, e.ID).Where(due, Waiting, now).Order("next_at, id").Take(&d).Error
		if store.Missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if p, err = w.pack(tx, e, d); err != nil {
			return err
		}
		return tx.Model(&Delivery{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).Update("next_at", models.At(tx.Now().Add(Lease))).Error
	})
	return p, err
}

// pack signs a delivery (Standard Webhooks). Its id is the same at each attempt,
// the time is that of this one.
func (w *Webhooks) pack(tx *store.Tx, e Endpoint, d Delivery) (*Parcel, error) {
	secrets, err := w.live(tx, e)
	if err != nil {
		return nil, err
	}
	signature, err := sign(secrets, d.MessageID, tx.Now(), d.Body)
	if err != nil {
		return nil, err
	}
	return &Parcel{Company: d.CompanyID, Delivery: d.ID, Endpoint: e.ID, Attempt: d.Attempts + 1, URL: e.URL, Body: d.Body, Headers: map[string]string{
		"Content-Type": "application/json", "User-Agent": "Locum-Webhooks/1", "Webhook-Id": d.MessageID,
		"Webhook-Timestamp": strconv.FormatInt(tx.Now().Unix(), 10), "Webhook-Signature": signature}}, nil
}

// Settle writes down what became of an attempt, and what follows from it: the
// time of the next one, or the end of the endpoint. A Parcel that somebody else
// settled meanwhile is left.
func (w *Webhooks) Settle(ctx context.Context, p Parcel, o Outcome) error {
	return w.store.System(ctx, "write down what became of a delivery", func(tx *store.Tx) error {
		tx.NothingToRecord() // but for an endpoint that is switched off
		lock := clause.Locking{Strength: clause.LockingStrengthUpdate}
		var e Endpoint
		err := tx.Clauses(lock).Where("company_id = ? AND id = ?", p.Company, p.Endpoint).Take(&e).Error
		if store.Missing(err) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		var d Delivery
		err = tx.Clauses(lock).Where("company_id = ? AND id = ? AND attempts = ?", p.Company, p.Delivery, p.Attempt-1).Take(&d).Error
		if store.Missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := note(tx, d, p, o); err != nil {
			return err
		}
		return errorsOf(w.settleDelivery(tx, d, p, o), w.settleEndpoint(tx, e, o))
	})
}

func errorsOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// mostBody is how much of an answer is kept, in bytes.
const mostBody = 4 << 10

// note keeps an attempt. Signatures stay out of it: who reads them back could
// send what we sent.
func note(tx *store.Tx, d Delivery, p Parcel, o Outcome) error {
	asked, err := json.Marshal(o.RequestHeaders)
	if err != nil {
		return err
	}
	answered, err := json.Marshal(o.ResponseHeaders)
	if err != nil {
		return err
	}
	body := o.ResponseBody[:min(len(o.ResponseBody), mostBody)]
	row := Attempt{CompanyID: p.Company, OrganizationID: d.OrganizationID, DeliveryID: p.Delivery, Number: p.Attempt, StartedAt: models.At(o.Started), TookMS: o.Took.Milliseconds(),
		Status: o.Status, Failure: o.fault(), RequestHeaders: clean(string(asked)), ResponseHeaders: clean(string(answered)), ResponseBody: clean(body)}
	return tx.Create(&row).Error
}

// clean makes a text that both databases take.
func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}

func (o Outcome) fault() Fault {
	if o.Fault == "" && o.failed() {
		return BadStatus
	}
	return o.Fault
}

func (w *Webhooks) settleDelivery(tx *store.Tx, d Delivery, p Parcel, o Outcome) error {
	changes := map[string]any{"attempts": p.Attempt, "failure": string(o.fault())}
	again, more := wait(p.Attempt, o.RetryAfter, w.jitter())
	switch {
	case !o.failed():
		changes["state"], changes["next_at"], changes["ended_at"] = Delivered, nil, models.At(tx.Now())
	case more:
		changes["next_at"] = models.At(tx.Now().Add(again))
	default:
		changes["state"], changes["next_at"], changes["ended_at"] = Failed, nil, models.At(tx.Now())
	}
	return tx.Model(&Delivery{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).Updates(changes).Error
}

// settleEndpoint keeps the endpoint's health, and switches it off when it is
// gone or has failed for Patience.
func (w *Webhooks) settleEndpoint(tx *store.Tx, e Endpoint, o Outcome) error {
	now := models.At(tx.Now())
	changes := map[string]any{"last_success_at": now, "failing_since": nil, "paused_until": nil}
	why := ""
	if o.failed() {
		changes = map[string]any{"last_failure_at": now}
		if e.FailingSince == nil {
			changes["failing_since"] = now
		}
		if o.RetryAfter > 0 {
			changes["paused_until"] = models.At(tx.Now().Add(min(o.RetryAfter, mostWait)))
		}
		switch {
		case o.gone():
			why = Gone
		case e.FailingSince != nil && tx.Now().Sub(e.FailingSince.Time) >= Patience:
			why = Failing
		}
	}
	if err := tx.Model(&Endpoint{}).Where("company_id = ? AND id = ?", e.CompanyID, e.ID).Updates(changes).Error; err != nil {
		return err
	}
	if why == "" || !e.Enabled {
		return nil
	}
	tx.Record(event.WebhookSwitchedOff, e.about(map[string]any{"why": why}))
	if err := off(tx, e, why); err != nil {
		return err
	}
	return tellOff(tx, e, why)
}
