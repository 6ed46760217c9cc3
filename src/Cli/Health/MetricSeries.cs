using System.Globalization;
using System.Text;

namespace Lockstep.Cli.Health;

/// <summary>One number, or one histogram, with its labels.</summary>
internal sealed class MetricSeries
{
    private readonly Lock _lock = new();
    private readonly KeyValuePair<string, object?>[] _labels;
    private readonly string _labelText;
    private readonly long[] _buckets;
    private double _value;
    private long _count;

    /// <summary>A series that nothing was measured for yet.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="bounds">Bounds of the buckets of a histogram; 0 for a number.</param>
    public MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> labels, int bounds)
    {
        _labels = labels.ToArray();
        _labelText = string.Join(
            ',',
            _labels.Select(
                label => $"{label.Key.Replace('.', '_')}=\"{Escape(Convert.ToString(label.Value, CultureInfo.InvariantCulture)!)}\""));
        _buckets = new long[bounds];
    }

    /// <summary>Whether these are its labels, in this order.</summary>
    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels.Length != _labels.Length)
            return false;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i].Key != _labels[i].Key || !Equals(labels[i].Value, _labels[i].Value))
                return false;
        }

        return true;
    }

    /// <summary>Of a gauge, or of a counter that tells its sum itself.</summary>
    public void Set(double value)
    {
        lock (_lock)
            _value = value;
    }

    /// <summary>Of a counter.</summary>
    public void Add(double value)
    {
        lock (_lock)
            _value += value;
    }

    /// <summary>Of a histogram.</summary>
    public void Count(double value, double[] bounds)
    {
        lock (_lock)
        {
            _value += value;
            _count++;
            for (int i = 0; i < bounds.Length; i++)
            {
                if (value <= bounds[i])
                {
                    _buckets[i]++;
                    break;
                }
            }
        }
    }

    /// <summary>Writes its lines.</summary>
    public void Write(StringBuilder text, string name, double[]? bounds)
    {
        lock (_lock)
        {
            if (bounds is null)
            {
                WriteLine(text, name, _labelText, _value);
                return;
            }

            string separator = _labelText.Length == 0 ? "" : ",";
            long below = 0;
            for (int i = 0; i < bounds.Length; i++)
                WriteLine(text, $"{name}_bucket", $"{_labelText}{separator}le=\"{Number(bounds[i])}\"", below += _buckets[i]);
            WriteLine(text, $"{name}_bucket", $"{_labelText}{separator}le=\"+Inf\"", _count);
            WriteLine(text, $"{name}_sum", _labelText, _value);
            WriteLine(text, $"{name}_count", _labelText, _count);
        }
    }

    private static void WriteLine(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ').Append(Number(value)).Append('\n');

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
