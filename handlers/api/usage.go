package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/usage"
	"locum/views/i18n"
)

// Application says which connected application sent a request, by its credentials. Of
// one that proves nothing it answers an Error of kind Unauthenticated.
type Application func(ctx context.Context, r *http.Request) (id string, err error)

// basic are the credentials of HTTP Basic (RFC 7617) as they stand in a request, or "".
func basic(r *web.Request) string {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return ""
	}
	return strings.TrimSpace(text)
}

// outcome is what became of one record, as machines read it.
type outcome struct {
	ID     string            `json:"id"`
	Source string            `json:"source"`
	Status usage.Status      `json:"status"`
	Late   usage.Lateness    `json:"late,omitempty"`
	Reason usage.Reason      `json:"reason,omitempty"`
	Errors map[string]string `json:"errors,omitempty"`
}

// taken is the answer to a batch: what became of each record, in its order.
type taken struct {
	Accepted    int       `json:"accepted"`
	Duplicate   int       `json:"duplicate"`
	Quarantined int       `json:"quarantined"`
	Conflict    int       `json:"conflict"`
	Invalid     int       `json:"invalid"`
	Records     []outcome `json:"records"`
}

// ingest takes what an application used: one CloudEvent, or a batch of them.
func (p *Pages) ingest(r *web.Request) (web.Response, error) {
	application, err := p.on.Sender(r.Context(), r.Request)
	if err != nil {
		return web.Response{}, err
	}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != usage.SingleType && kind != usage.BatchType || parameters["charset"] != "" && !strings.EqualFold(parameters["charset"], "utf-8") {
		wrong := models.FieldErrors{}
		wrong.Add("Content-Type", "usage.error.media", "Single", usage.SingleType, "Batch", usage.BatchType)
		return web.Response{}, wrong.Err()
	}
	content, err := io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return web.Response{}, models.Fail(models.TooLarge, "web.too_large").Because(err)
	}
	if err != nil {
		return web.Response{}, models.Fail(models.Invalid, "web.unreadable").Because(err)
	}
	if kind == usage.BatchType {
		return p.batch(r, application, content)
	}
	return p.single(r, application, content)
}

// single answers one record by the status of the answer.
func (p *Pages) single(r *web.Request, application string, content []byte) (web.Response, error) {
	record, err := usage.Parse(content)
	if err != nil {
		return web.Response{}, err
	}
	outcomes, err := p.on.Usage.Ingest(r.Context(), application, []usage.Record{record})
	if err != nil {
		return web.Response{}, err
	}
	switch one := outcomes[0]; one.Status {
	case usage.Refused:
		return web.Response{}, one.Wrong.Err()
	case usage.Conflicting:
		return web.Response{}, models.Fail(models.Conflict, "usage.error.conflict")
	case usage.Duplicate:
		return web.JSON(http.StatusOK, outcomeOf(r.Locale, one)), nil
	default:
		return web.JSON(http.StatusAccepted, outcomeOf(r.Locale, one)), nil
	}
}

// batch answers what became of each record. One that is wrong keeps no other out.
func (p *Pages) batch(r *web.Request, application string, content []byte) (web.Response, error) {
	records, err := usage.ParseBatch(content)
	if err != nil {
		return web.Response{}, err
	}
	outcomes, err := p.on.Usage.Ingest(r.Context(), application, records)
	if err != nil {
		return web.Response{}, err
	}
	answer := taken{Records: make([]outcome, len(outcomes))}
	for i, one := range outcomes {
		answer.Records[i] = outcomeOf(r.Locale, one)
		switch one.Status {
		case usage.Accepted:
			answer.Accepted++
		case usage.Duplicate:
			answer.Duplicate++
		case usage.Quarantined:
			answer.Quarantined++
		case usage.Conflicting:
			answer.Conflict++
		default:
			answer.Invalid++
		}
	}
	return web.JSON(http.StatusOK, answer), nil
}

func outcomeOf(l i18n.Locale, o usage.Outcome) outcome {
	out := outcome{ID: o.ID, Source: o.Source, Status: o.Status, Late: o.Late, Reason: o.Reason}
	for field, message := range o.Wrong {
		if out.Errors == nil {
			out.Errors = map[string]string{}
		}
		out.Errors[field] = l.Say(message)
	}
	return out
}
