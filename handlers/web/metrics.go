package web

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"locum/models"
)

// metrics has a registry of its own. Its labels are bounded: routes as they
// were registered, and classes of statuses.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
	streams  prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "locum_http_requests_total", Help: "Answered requests by route and class of status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "locum_http_request_seconds", Help: "Time to answer a request, by route.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		open:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "locum_http_open_requests", Help: "Requests being answered now."}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "locum_http_open_streams", Help: "Streams of server-sent events open now."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.open, m.streams, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// classes of statuses, by their first digit.
var classes = [...]string{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"}

// note counts one request. A stream lasts as long as its page, so its time says
// nothing about speed.
func (m *metrics) note(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, classes[min(status/100, len(classes)-1)]).Inc()
	if route != liveRoute {
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
	}
}

// Metrics is where other parts register figures of their own; their labels must
// be bounded too.
func (a *App) Metrics() prometheus.Registerer { return a.metrics.registry }

// mountHealth serves what balancers and monitors ask.
func (a *App) mountHealth() {
	a.Raw("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	}), Unlimited)
	a.Raw("GET /readyz", http.HandlerFunc(a.ready), Unlimited)
	figures := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{})
	a.Raw("GET /metrics", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.mayMeasure(r) {
			a.fail(w, r, models.Unknown())
			return
		}
		figures.ServeHTTP(w, r)
	}))
}

// ready says whether requests can be served; what is wrong goes to the log.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if a.config.Ready != nil {
		if err := a.config.Ready(r.Context()); err != nil {
			exchangeOf(r.Context()).err = models.Fail(models.Unavailable, "").Because(err)
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("not ready\n"))
			return
		}
	}
	_, _ = w.Write([]byte("ready\n"))
}

func (a *App) mayMeasure(r *http.Request) bool {
	from := plainAddress(a.address(r))
	if len(a.config.MetricsFrom) == 0 {
		return from.IsLoopback()
	}
	return within(from, a.config.MetricsFrom)
}
