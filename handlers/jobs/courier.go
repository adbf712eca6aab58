package jobs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"locum/handlers/web"
	"locum/models/webhook"
)

// Post is where deliveries wait, and where it is noted what became of them.
type Post interface {
	Due(ctx context.Context) ([]webhook.Lane, error)
	Take(ctx context.Context, lane webhook.Lane) (*webhook.Parcel, error)
	Settle(ctx context.Context, p webhook.Parcel, o webhook.Outcome) error
}

// Courier posts deliveries. Each endpoint has riders of its own: one that does
// not answer keeps them waiting, and nobody else's. Endpoints that fail share a
// small part of all riders, so that even many of them leave the rest to others.
type Courier struct {
	Post   Post
	Client *http.Client // of web.Outbound: it follows no redirect
	Now    func() time.Time
	Log    *slog.Logger

	mu      sync.Mutex
	riding  map[string]int // by endpoint
	all     int
	failing int
	rides   sync.WaitGroup
}

// How many deliveries are posted at once on one replica: to one endpoint, to one
// that fails, to all, and to all that fail.
const (
	ridersEach    = 4
	ridersFailing = 1
	ridersAll     = 128
	ridersAllFail = 32
)

// lookEvery is how often the courier looks for what fell due.
const lookEvery = time.Second

// PostTime is how long an endpoint has to answer.
const PostTime = 15 * time.Second

// Run posts what is due until ctx ends, and returns when nothing is under way.
func (c *Courier) Run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	defer c.rides.Wait()
	failures := complaints{log: c.Log.With("job", "webhooks")}
	for {
		began := c.Now()
		err := c.look(ctx)
		if ctx.Err() != nil {
			return
		}
		failures.hear(err, began, c.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look sends out riders to the endpoints with something to post.
func (c *Courier) look(ctx context.Context) error {
	lanes, err := c.Post.Due(ctx)
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		for c.mount(lane) {
			c.rides.Go(func() {
				defer c.dismount(lane)
				c.ride(ctx, lane)
			})
		}
	}
	return nil
}

// mount takes a rider for an endpoint, if it may have one more.
func (c *Courier) mount(lane webhook.Lane) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.riding == nil {
		c.riding = map[string]int{}
	}
	most := ridersEach
	if lane.Failing {
		most = ridersFailing
	}
	if c.riding[lane.Endpoint] >= min(most, lane.Due) || c.all >= ridersAll || lane.Failing && c.failing >= ridersAllFail {
		return false
	}
	c.riding[lane.Endpoint]++
	c.all++
	if lane.Failing {
		c.failing++
	}
	return true
}

func (c *Courier) dismount(lane webhook.Lane) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.riding[lane.Endpoint]--; c.riding[lane.Endpoint] == 0 {
		delete(c.riding, lane.Endpoint)
	}
	c.all--
	if lane.Failing {
		c.failing--
	}
}

// ride posts the deliveries of an endpoint one after another, until there is
// none left or one failed.
func (c *Courier) ride(ctx context.Context, lane webhook.Lane) {
	for ctx.Err() == nil {
		parcel, err := c.Post.Take(ctx, lane)
		if err != nil && ctx.Err() == nil {
			c.Log.Error("a delivery was not taken", "endpoint", lane.Endpoint, "error", err)
		}
		if err != nil || parcel == nil {
			return
		}
		outcome := c.post(ctx, *parcel)
		// It is noted even while the program stops: what is not is posted twice.
		note, done := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
		err = c.Post.Settle(note, *parcel, outcome)
		done()
		log := c.Log.With("endpoint", parcel.Endpoint, "delivery", parcel.Delivery, "attempt", parcel.Attempt, "status", outcome.Status, "took", outcome.Took)
		switch {
		case err != nil:
			log.Error("what became of a delivery was not noted", "error", err)
			return
		case outcome.Fault != "":
			log.Warn("delivery not taken", "why", string(outcome.Fault))
			return
		}
		log.Info("delivered")
	}
}

// kept is how much of an answer is read, in bytes.
const kept = 4 << 10

// post posts one delivery.
func (c *Courier) post(ctx context.Context, p webhook.Parcel) (o webhook.Outcome) {
	// A program that stops lets what is under way end, within the time it has.
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), PostTime)
	defer done()
	o = webhook.Outcome{Started: c.Now(), RequestHeaders: map[string]string{}}
	began := time.Now()
	defer func() { o.Took = time.Since(began) }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, strings.NewReader(p.Body))
	if err != nil {
		o.Fault = webhook.UnknownHost
		return o
	}
	for name, value := range p.Headers {
		request.Header.Set(name, value)
		if name != "Webhook-Signature" { // whoever reads it back could send what we sent
			o.RequestHeaders[name] = value
		}
	}
	answer, err := c.Client.Do(request)
	if answer != nil {
		defer answer.Body.Close()
		o.Status, o.ResponseHeaders, o.RetryAfter = answer.StatusCode, plainHeaders(answer.Header), c.retryAfter(answer.Header)
	}
	if err != nil {
		o.Fault = faultOf(err)
		return o
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, kept))
	o.ResponseBody = string(body)
	switch {
	case err != nil:
		o.Fault = faultOf(err)
	case o.Status >= 300 && o.Status < 400:
		o.Fault = webhook.Redirected
	case o.Status < 200 || o.Status > 299:
		o.Fault = webhook.BadStatus
	}
	return o
}

// plainHeaders are the headers of an answer, but for what could let somebody in.
func plainHeaders(header http.Header) map[string]string {
	plain := map[string]string{}
	for name, values := range header {
		switch name {
		case "Set-Cookie", "Authorization", "Www-Authenticate", "Proxy-Authenticate":
			continue
		}
		text := strings.Join(values, ", ")
		plain[name] = text[:min(len(text), 512)]
		if len(plain) == 40 {
			break
		}
	}
	return plain
}

// retryAfter reads how long an endpoint asks us to wait: seconds or a date
// (RFC 9110, section 10.2.3). 0 when it does not.
func (c *Courier) retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(c.Now()))
	}
	return 0
}

// faultOf says in one word why a request failed.
func faultOf(err error) webhook.Fault {
	var unknown *net.DNSError
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var host x509.HostnameError
	var timeout net.Error
	switch {
	case errors.Is(err, web.ErrPrivate):
		return webhook.PrivateHost
	case errors.Is(err, web.ErrNotHTTPS):
		return webhook.NotSecure
	case errors.Is(err, web.ErrRedirect):
		return webhook.Redirected
	case errors.As(err, &unknown):
		return webhook.UnknownHost
	case errors.As(err, &record), errors.As(err, &verify), errors.As(err, &host):
		return webhook.BadTLS
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return webhook.TimedOut
	}
	return webhook.NoConnection
}
