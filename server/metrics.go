package server

import (
	"bytes"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"tenon/metamodel/diag"
)

// metrics are what Prometheus may ask about this process. Labels are routes and statuses, never anything that
// users can make up.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tenon_http_requests_total", Help: "Requests answered."}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tenon_http_request_seconds", Help: "Time to answer, streams not included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route"}),
	}
	m.registry.MustRegister(m.requests, m.duration, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tenon_http_in_flight", Help: "Requests in work."}, func() float64 { return float64(s.inFlight.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tenon_event_streams", Help: "Live event streams."}, func() float64 { return float64(len(s.live.all())) }))
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// text writes all metrics in Prometheus' text format.
func (m *metrics) text() ([]byte, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	enc := expfmt.NewEncoder(&buf, textFormat)
	for _, f := range families {
		if err := enc.Encode(f); err != nil {
			return nil, err
		}
	}
	return buf.Bytes(), nil
}

var textFormat = expfmt.NewFormat(expfmt.TypeTextPlain)

// metricsText answers only on the machine itself, and to administrators.
func (s *Server) metricsText(x *exchange) error {
	if !isLocal(x.c) && !x.who.admin() {
		return diag.Refuse("request.not_found", "")
	}
	return s.sendMetrics(x.c)
}

func (s *Server) sendMetrics(c *fiber.Ctx) error {
	data, err := s.metrics.text()
	if err != nil {
		return err
	}
	c.Response().Header.SetContentType(string(textFormat))
	c.Response().SetBodyRaw(data)
	return nil
}

// serveMetrics answers /metrics, and nothing else, on a listener of its own.
func (s *Server) serveMetrics(ln net.Listener) (stop func()) {
	app := fiber.New(fiber.Config{
		Immutable: true, DisableStartupMessage: true, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, BodyLimit: 1, GETOnly: true, Concurrency: 16, ErrorHandler: func(c *fiber.Ctx, _ error) error {
			return c.SendStatus(fiber.StatusNotFound)
		},
	})
	app.Get("/metrics", s.sendMetrics)
	go func() {
		if err := app.Listener(ln); err != nil {
			s.log.Warn("metrics listener ended", "error", err)
		}
	}()
	return func() {
		if err := app.ShutdownWithTimeout(time.Second); err != nil {
			s.log.Warn("metrics listener", "error", err)
		}
	}
}
