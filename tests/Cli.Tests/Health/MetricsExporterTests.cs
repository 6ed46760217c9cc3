using System.Diagnostics.Metrics;
using Lockstep.Cli.Health;

namespace Lockstep.Cli.Tests.Health;

public sealed class MetricsExporterTests : IDisposable
{
    private readonly Meter _meter = new($"test {Guid.NewGuid()}");
    private readonly MetricsExporter _exporter;

    public MetricsExporterTests() => _exporter = new MetricsExporter(_meter.Name);

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Collect_Counters_AreSumsByLabels()
    {
        Counter<long> plain = _meter.CreateCounter<long>("test.steps", "{step}", "Steps.");
        Counter<long> bytes = _meter.CreateCounter<long>("test.sent", "By", "Bytes\nby \\ peer.");
        plain.Add(2);
        plain.Add(3);
        bytes.Add(10, new KeyValuePair<string, object?>("peer.name", "a"));
        bytes.Add(1, new KeyValuePair<string, object?>("peer.name", "the \"\\\n one"));
        bytes.Add(20, new KeyValuePair<string, object?>("peer.name", "a"));

        Assert.Equal(
            """
            # HELP test_sent_bytes_total Bytes\nby \\ peer.
            # TYPE test_sent_bytes_total counter
            test_sent_bytes_total{peer_name="a"} 30
            test_sent_bytes_total{peer_name="the \"\\\n one"} 1
            # HELP test_steps_total Steps.
            # TYPE test_steps_total counter
            test_steps_total 5

            """,
            _exporter.Collect());
    }

    [Fact]
    public void Collect_Histogram_IsCumulativeWithItsOwnBounds()
    {
        Histogram<double> histogram = _meter.CreateHistogram(
            "test.step", "s", "Time.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        var phase = new KeyValuePair<string, object?>("phase", "send");
        foreach (double time in new[] { 0.25, 0.5, 0.75, 4 })
            histogram.Record(time, phase);

        Assert.Equal(
            """
            # HELP test_step_seconds Time.
            # TYPE test_step_seconds histogram
            test_step_seconds_bucket{phase="send",le="0.5"} 2
            test_step_seconds_bucket{phase="send",le="1"} 3
            test_step_seconds_bucket{phase="send",le="+Inf"} 4
            test_step_seconds_sum{phase="send"} 5.5
            test_step_seconds_count{phase="send"} 4

            """,
            _exporter.Collect());
    }

    [Fact]
    public void Collect_Gauges_ShowWhoIsThereNow()
    {
        string[] there = ["a", "b"];
        _ = _meter.CreateObservableGauge<double>(
            "test.workers",
            () => there.Select(name => new Measurement<double>(name[0], new KeyValuePair<string, object?>("worker", name))));
        _ = _meter.CreateObservableGauge<double>("test.loss", () => double.NaN);

        Assert.Contains("test_workers{worker=\"a\"} 97\ntest_workers{worker=\"b\"} 98\n", _exporter.Collect(), StringComparison.Ordinal);
        there = ["b"];
        string text = _exporter.Collect();
        Assert.DoesNotContain("worker=\"a\"", text, StringComparison.Ordinal);
        Assert.Contains("test_workers{worker=\"b\"} 98\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE test_loss gauge\ntest_loss NaN\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_OwnerThatFails_CostsItsOwnSeriesOnly()
    {
        _ = _meter.CreateObservableGauge("test.bad", new Func<int>(() => throw new InvalidOperationException("gone")));
        _ = _meter.CreateObservableGauge<int>("test.good", () => 1);

        Assert.Contains("test_good 1\n", _exporter.Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_SecondOwnerOfAName_GoesOnWhereTheFirstEnded()
    {
        using var second = new Meter(_meter.Name);
        _meter.CreateCounter<long>("test.joins").Add(1);
        second.CreateCounter<long>("test.joins").Add(1);
        using var other = new Meter("another");
        other.CreateCounter<long>("test.others").Add(1);

        string text = _exporter.Collect();

        Assert.Contains("test_joins_total 2\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("others", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Measured_ByKnownLabels_AllocatesNothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("test.steps");
        Histogram<double> histogram = _meter.CreateHistogram<double>("test.step", "s");
        KeyValuePair<string, object?>[] phases = [new("phase", "send"), new("phase", "update")];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                counter.Add(1);
                histogram.Record(0.001 * i, phases[i % 2]);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
