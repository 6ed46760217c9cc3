using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace Lockstep.Bench.Compare;

/// <summary>
/// Bytes that another .NET process allocates, by the runtime's own counter (<c>alloc-rate</c> of <c>System.Runtime</c>), second by second.
/// </summary>
internal sealed class AllocationCounter : IDisposable
{
    private readonly EventPipeSession _session;
    private readonly Thread _reader;
    private readonly List<double> _seconds = [];

    public AllocationCounter(int process)
    {
        var provider = new EventPipeProvider(
            "System.Runtime", EventLevel.Informational, (long)EventKeywords.None, new Dictionary<string,
            string>
            { ["EventCounterIntervalSec"] = "1" });
        _session = new DiagnosticsClient(process).StartEventPipeSession([provider], requestRundown: false);
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>Bytes in each second so far.</summary>
    public IReadOnlyList<double> Seconds
    {
        get
        {
            lock (_session)
                return [.. _seconds];
        }
    }

    public void Dispose()
    {
        try
        {
            _session.Stop();
        }
        catch (Exception exception) when (exception is ServerNotAvailableException or EndOfStreamException or IOException)
        {
            // The process has ended.
        }

        _reader.Join();
        _session.Dispose();
    }

    private void Read()
    {
        using var source = new EventPipeEventSource(_session.EventStream);
        source.Dynamic.All += counted =>
        {
            if (counted.EventName != "EventCounters" || counted.PayloadValue(0) is not IDictionary<string, object> outer
                || outer["Payload"] is not IDictionary<string, object> counter
                || counter["Name"] is not "alloc-rate")
                return;
            lock (_session)
                _seconds.Add(Convert.ToDouble(counter["Increment"], System.Globalization.CultureInfo.InvariantCulture));
        };
        source.Process();
    }
}
