using System.Diagnostics.Metrics;
using System.Text;

namespace Lockstep.Cli.Health;

/// <summary>Listens to meters and writes what they measure in Prometheus' text format.</summary>
/// <remarks>
/// Written here, as docs/operations.md says why. Names follow OpenTelemetry's rules: dots become underscores, the unit follows, and
/// counters end with <c>_total</c>.
/// </remarks>
internal sealed class MetricsExporter : IDisposable
{
    /// <summary>Of what <see cref="Collect"/> gives.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Lock _collecting = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <summary>Listens until disposed.</summary>
    /// <param name="meters">Names of the meters.</param>
    public MetricsExporter(params string[] meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Measured(value, tags));
        _listener.Start();
    }

    /// <summary>All that was measured, and what gauges show now.</summary>
    public string Collect()
    {
        lock (_collecting)
        {
            MetricFamily[] families;
            lock (_families)
                families = [.. _families.Values];
            foreach (MetricFamily family in families)
                family.ForgetObserved();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // The owner is ending. All other instruments were read.
            }

            var text = new StringBuilder();
            foreach (MetricFamily family in families)
                family.Write(text);
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    // A worker that joins again has new instruments of the same names; they continue the old series.
    private MetricFamily FamilyOf(Instrument instrument)
    {
        lock (_families)
        {
            string name = MetricFamily.NameOf(instrument);
            if (!_families.TryGetValue(name, out MetricFamily? family))
                _families.Add(name, family = new MetricFamily(name, instrument));
            return family;
        }
    }
}
