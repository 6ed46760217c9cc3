using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Lockstep.Cli.Health;

/// <summary>
/// The measurements of one name: a series for each combination of labels. Measured by any thread, without allocating but for a new series.
/// </summary>
internal sealed class MetricFamily
{
    // For histograms without bounds of their own.
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _growing = new();
    private readonly string _name;
    private readonly string _help;
    private readonly string _type;
    private readonly bool _isSum;
    private readonly bool _isObserved;
    private readonly double[]? _bounds;
    private MetricSeries[] _series = [];

    /// <summary>A family without series.</summary>
    /// <param name="name">From <see cref="NameOf"/>.</param>
    /// <param name="instrument">Tells what it is.</param>
    public MetricFamily(string name, Instrument instrument)
    {
        (_name, _help, _isObserved) = (name, instrument.Description ?? "", instrument.IsObservable);
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        _isSum = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        _type = kind == typeof(Histogram<>) ? "histogram" : IsCounter(kind) ? "counter" : "gauge";
        if (_type == "histogram")
            _bounds = [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? DefaultBounds];
    }

    /// <summary>Prometheus' name for an instrument.</summary>
    public static string NameOf(Instrument instrument)
    {
        var name = new StringBuilder(instrument.Name.Replace('.', '_'));
        string? unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => null, // What is counted is in the name.
        };
        name.Append(unit);
        if (IsCounter(instrument.GetType().GetGenericTypeDefinition()))
            name.Append("_total");
        return name.ToString();
    }

    /// <summary>Takes a measurement.</summary>
    public void Measured(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        MetricSeries series = Find(Volatile.Read(ref _series), labels) ?? Add(labels);
        if (_bounds is not null)
            series.Count(value, _bounds);
        else if (_isSum)
            series.Add(value);
        else
            series.Set(value);
    }

    /// <summary>Forgets the last values of gauges before they are read again, so that series which have ended disappear.</summary>
    public void ForgetObserved()
    {
        if (_isObserved)
            Volatile.Write(ref _series, []);
    }

    /// <summary>Writes help, type and all series.</summary>
    public void Write(StringBuilder text)
    {
        string help = _help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"# HELP {_name} {help}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {_name} {_type}\n");
        foreach (MetricSeries series in Volatile.Read(ref _series))
            series.Write(text, _name, _bounds);
    }

    private static bool IsCounter(Type kind) => kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);

    private static MetricSeries? Find(MetricSeries[] all, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        foreach (MetricSeries series in all)
        {
            if (series.Has(labels))
                return series;
        }

        return null;
    }

    private MetricSeries Add(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        lock (_growing)
        {
            if (Find(_series, labels) is { } known)
                return known;
            var series = new MetricSeries(labels, _bounds?.Length ?? 0);
            Volatile.Write(ref _series, [.. _series, series]);
            return series;
        }
    }
}
