using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Training;
using Lockstep.Shared.Tests.Files;

namespace Lockstep.Coordinator.Tests.Tracing;

public sealed class TraceWriterTests : IDisposable
{
    private static readonly Hash128 Spec = new(0, 123);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-trace-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string File(string name) => Path.Combine(_folder.FullName, name);

    [Fact]
    public void Append_Steps_AreReadBackInAnUnbrokenChain()
    {
        string path = Write("trace.txt", 1, 5);

        using TraceReader reader = TraceReader.Open(path);
        Assert.Equal((Spec, 0, All(0)), (reader.SpecHash, reader.FirstStep, reader.FirstWeights));
        for (long step = 1; step <= 5; step++)
        {
            TraceLine line = reader.Next()!.Value;
            Assert.Equal((step, Trained(step), true), (line.Step, line.Weights, line.Follows));
        }

        Assert.Null(reader.Next());
        Assert.StartsWith(
            "lockstep-trace 1\nspec 0000000000000000000000000000007b\nfrom 0 ", System.IO.File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public void Open_ResumedAtAnyStep_BecomesTheUndisturbedFile(long from)
    {
        string whole = Write("whole.txt", 1, 9), resumed = Write("resumed.txt", 1, 5);
        System.IO.File.AppendAllText(resumed, "6 00aa");

        using (TraceWriter writer = Open(resumed, from, out string? notice))
        {
            Assert.Null(notice);
            Append(writer, from + 1, 9);
        }

        Assert.Equal(System.IO.File.ReadAllBytes(whole), System.IO.File.ReadAllBytes(resumed));
    }

    /// <summary>A checkpoint that a run can go on from has its trace beside it, whenever the machine stops.</summary>
    [Fact]
    public void Append_FlushedToTheDisk_IsSafeWithItsName()
    {
        var disk = new DelegatingDisk();
        using (var writer = TraceWriter.Open(File("trace.txt"), Spec, new TraceStart(0, All(0), Trained(0)), out _, disk))
        {
            writer.Append([new TracedStep(1, Trained(1))], flushToDisk: false);
            writer.Append([], flushToDisk: true);
            writer.Append([], flushToDisk: true);
        }

        string flush = $"flush trace.txt at {new FileInfo(File("trace.txt")).Length}";
        Assert.Equal(["open trace.txt", flush, $"flush folder {_folder.FullName}", flush], disk.Calls);
    }

    [Fact]
    public void Open_WeightsThatTheTraceDoesNotLeadTo_BeginsAnewAndSaysSo()
    {
        string path = Write("trace.txt", 1, 5);

        using (var writer = TraceWriter.Open(path, Spec, new TraceStart(3, All(3), Trained(4)), out string? notice))
        {
            Assert.Contains("does not lead to the weights after step 3", notice, StringComparison.Ordinal);
            Append(writer, 4, 4);
        }

        using TraceReader reader = TraceReader.Open(path);
        Assert.Equal((3, All(3)), (reader.FirstStep, reader.FirstWeights));
        Assert.Equal((4, true), (reader.Next()!.Value.Step, reader.Next() is null));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public void Open_DamagedOrTooShort_BeginsAnewAndSaysSo(long from)
    {
        string path = Write("trace.txt", 1, 5);
        if (from < 5)
            System.IO.File.WriteAllText(path, System.IO.File.ReadAllText(path).Replace("\n2 ", "\nx ", StringComparison.Ordinal));

        using TraceWriter writer = Open(path, from, out string? notice);

        Assert.Contains($"begins anew after step {from}", notice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "line 1: it does not begin with")]
    [InlineData("lockstep-trace 2\n", "line 1: it does not begin with")]
    [InlineData("lockstep-trace 1\nspec 12\n", "line 2: expected 'spec HASH'")]
    [InlineData("lockstep-trace 1\nspec 0000000000000000000000000000007b\nfrom 0\n", "line 3: expected 'from STEP HASH'")]
    public void Read_NoTrace_IsATypedErrorWithItsLine(string content, string expected)
    {
        string path = File("trace.txt");
        System.IO.File.WriteAllText(path, content);

        TraceException refused = Assert.Throws<TraceException>(() => TraceReader.Open(path));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2 12 34\n", "line 4: expected 'STEP HASH CHAIN'")]
    [InlineData("2 0000000000000000000000000000007b 0000000000000000000000000000007b\n", "line 4: it is of step 2; expected step 1")]
    public void Next_LineOfNoTrace_IsATypedErrorWithItsLine(string line, string expected)
    {
        string path = Write("trace.txt", 1, 0);
        System.IO.File.AppendAllText(path, line);
        using TraceReader reader = TraceReader.Open(path);

        TraceException refused = Assert.Throws<TraceException>(() => reader.Next());

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_EndlessLine_IsRefusedAtItsBound()
    {
        string path = Write("trace.txt", 1, 0);
        System.IO.File.AppendAllText(path, new string('1', 100_000));
        using TraceReader reader = TraceReader.Open(path);

        Assert.Contains("longer than 96", Assert.Throws<TraceException>(() => reader.Next()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_LineChangedLater_DoesNotFollow()
    {
        string path = Write("trace.txt", 1, 3);
        string text = System.IO.File.ReadAllText(path), second = text.Split('\n')[4];
        System.IO.File.WriteAllText(
            path,
            text.Replace(second, second.Replace(Hex(Trained(2)), Hex(Trained(9)), StringComparison.Ordinal), StringComparison.Ordinal));
        using TraceReader reader = TraceReader.Open(path);

        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(_ => reader.Next()!.Value.Follows));
    }

    private static Hash128 All(long step) => new(0, (ulong)step * 1_000_003 + 5);

    private static Hash128 Trained(long step) => new(0, (ulong)step * 777_777_777_777 + 11);

    private static string Hex(Hash128 hash) => hash.ToString();

    private static TraceWriter Open(string path, long step, out string? notice) =>
        TraceWriter.Open(path, Spec, new TraceStart(step, All(step), Trained(step)), out notice);

    private static void Append(TraceWriter writer, long first, long last)
    {
        for (long step = first; step <= last; step++)
            writer.Append([new TracedStep(step, Trained(step))], flushToDisk: step == last);
    }

    private string Write(string name, long first, long last)
    {
        using TraceWriter writer = Open(File(name), first - 1, out _);
        Append(writer, first, last);
        return File(name);
    }
}
