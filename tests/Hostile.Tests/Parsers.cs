using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using Lockstep.Chaos.Plans;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Options;
using Lockstep.Cli.Predictions;
using Lockstep.Cli.Reports;
using Lockstep.Cli.Sweeps;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Tracing;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Data.Raw.Tables;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Interchange;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;
using Lockstep.Sweeps;
using Lockstep.Wording;

namespace Lockstep.Hostile.Tests;

/// <summary>Every reader of files and of what comes over a socket, with what it may throw and allocate.</summary>
internal static class Parsers
{
    private const ulong Run = 0x0123_4567_89ab_cdef;
    private static readonly ClusterSecret Secret = ClusterSecret.Parse("nobody knows this one"u8, "file");
    private static readonly ProtocolSerializer Messages = new(null!);
    private static readonly string[] Manifests = ["join-run", "offer", "refuse", "end", "find-leader", "leader"];
    private static readonly DirectoryInfo Folder = Directory.CreateTempSubdirectory("lockstep-hostile-tests-");
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("784-1-10"));
    private static readonly ICliOption[] TextOptions =
        [.. CommandTable.All.SelectMany(
            command => command.CliOptions).Select(entry => entry.Option).Distinct().Where(option => option != RestoreOptions.Map)];


    static Parsers() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Folder.Delete(recursive: true);

    public static IReadOnlyList<Parser> All { get; } =
    [
        new(
            "checkpoint", bytes => CheckpointCodec.Encode(CheckpointCodec.Decode(bytes, "file")), e => e is CheckpointException,
            FreeBytes: 2 << 20),
        new(
            "checkpoint-content", bytes => CheckpointCodec.Encode(CheckpointCodec.Decode(Seals.Checkpoint(bytes), "file")),
            e => e is CheckpointException, FreeBytes: 2 << 20),
        new("run-spec", bytes => RunSpecCodec.Encode(RunSpecCodec.Decode(bytes)), e => e is FormatException),
        new("slice-plan", ReadSlicePlan, e => e is FormatException),
        new("stream", ReadStream, e => e is StreamException or FormatException, FreeBytes: 4 << 20),
        new("replica", ReadReplica, e => e is StreamException or FormatException, FreeBytes: 12 << 20),
        new("peer-status", bytes => PeerStatus.Decode(bytes).Encode(), e => e is FormatException),
        new("gradient", ReadGradient, e => e is StreamException, FreeBytes: 4 << 20),
        new("stream-proof", ReadProof, e => e is StreamException),
        new("cluster-handshake", ReadHandshake, _ => false),
        new("secret", ReadSecret, e => e is SecretException),
        new("messages", ReadMessage, e => e is SerializationException),
        new(
            "idx-images", bytes => ReadIdx(bytes, Corpus.Read("idx-labels", "labels.idx")), e => e is IdxFormatException,
            BytesPerByte: 1000),
        new(
            "idx-labels", bytes => ReadIdx(Corpus.Read("idx-images", "images.idx"), bytes), e => e is IdxFormatException,
            BytesPerByte: 1000),
        new("safetensors", bytes => Write(SafetensorsFile.Read(InFile(bytes, "a.safetensors"))), e => e is InterchangeException),
        new("npz", bytes => WriteNpz(NpzFile.Read(InFile(bytes, "a.npz"))), e => e is InterchangeException, FreeBytes: 20 << 20),
        new("csv", ReadCsv, e => e is InterchangeException, BytesPerByte: 200),
        new("npz-data", ReadArrays, e => e is DatasetException, FreeBytes: 4 << 20, BytesPerByte: 5000),
        new("idx-examples", ReadIdxExamples, e => e is DatasetException, FreeBytes: 4 << 20, BytesPerByte: 5000),
        new("picture", ReadPictureFile, e => e is DatasetException, FreeBytes: 160 << 20),
        new("csv-table", ReadTable, e => e is DatasetException, FreeBytes: 4 << 20, BytesPerByte: 500),
        new("parquet", ReadParquet, e => e is DatasetException, FreeBytes: 32 << 20, BytesPerByte: 2000),
        new("png", ReadDrawing, e => e is RequestException or DatasetException, FreeBytes: 52 << 20),
        new("model-file", ReadModel, e => e is ModelFileException, BytesPerByte: 500),
        new("config", ReadConfiguration, e => e is RequestException, FreeBytes: 4 << 20, BytesPerByte: 2000),
        new("chaos-plan", ReadPlan, e => e is RequestException, FreeBytes: 4 << 20, BytesPerByte: 2000),
        new("sweep", ReadSweep, e => e is RequestException, FreeBytes: 32 << 20, BytesPerByte: 20_000),
        new("name-map", ReadNameMap, e => e is FormatException),
        new("option-texts", ReadOptionTexts, e => e is FormatException, FreeBytes: 8 << 20, BytesPerByte: 5000),
        new("trace", ReadTrace, e => e is TraceException),
        new("metrics", ReadMetrics, _ => false, FreeBytes: 4 << 20),
        new("report-config", bytes => ReadReport(bytes, "config.json"), _ => false, FreeBytes: 4 << 20, BytesPerByte: 500),
        new("report-summary", bytes => ReadReport(bytes, "summary.json"), _ => false, FreeBytes: 4 << 20, BytesPerByte: 500),
        new("report-metrics", bytes => ReadReport(bytes, "metrics.jsonl"), _ => false, FreeBytes: 4 << 20, BytesPerByte: 500),
        new("report-events", bytes => ReadReport(bytes, "events.jsonl"), _ => false, FreeBytes: 4 << 20, BytesPerByte: 500),
    ];

    public static Parser Named(string name) => All.Single(parser => parser.Name == name);

    /// <summary>The bytes as a file of its own.</summary>
    private static string InFile(byte[] bytes, string name)
    {
        string path = Path.Combine(
            Directory.CreateDirectory(Path.Combine(Folder.FullName, $"{Environment.CurrentManagedThreadId}")).FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[]? ReadTable(byte[] bytes)
    {
        _ = CsvTable.Read(
            InFile(bytes, "table.csv"), (_, _) => ColumnKind.Automatic, new TableReading { Threads = 1, BlockBytes = 64 }).Count;
        return null;
    }

    private static byte[]? ReadParquet(byte[] bytes)
    {
        _ = ParquetTable.Read(
            InFile(bytes, "table.parquet"), (_, _) => ColumnKind.Automatic, null, (_, _) => throw new DatasetException("none")).Count;
        return null;
    }

    private static byte[]? ReadDrawing(byte[] bytes)
    {
        _ = PictureSubjects.ReadDrawing(InFile(Seals.Png(bytes), "a.png"), asIs: false);
        return null;
    }

    private static byte[]? ReadPictureFile(byte[] bytes)
    {
        _ = PictureFile.Read(InFile(bytes, "a.jpg"));
        return null;
    }

    private static byte[]? ReadArrays(byte[] bytes)
    {
        string file = InFile(bytes, "data.npz");
        try
        {
            _ = ArrayFile.Read(file, hasTargets: true);
        }
        catch (DatasetException)
        {
            // As labels it may be read.
        }

        _ = ArrayFile.Read(file);
        return null;
    }

    private static byte[]? ReadIdxExamples(byte[] bytes)
    {
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1];
        _ = IdxExamples.Read(InFile(bytes, "values.idx"), InFile(labels, "labels.idx"));
        return null;
    }

    private static byte[] ReadPlan(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            PlanJson.Write(writer, PlanJson.Read(bytes, "plan.json"));
        return stream.ToArray();
    }

    private static byte[]? ReadSweep(byte[] bytes)
    {
        SweepPlan plan = SweepFile.Read(InFile(bytes, "sweep.json"));
        foreach (SweepPoint point in plan.Points)
            _ = plan.SettingsOf(point).Count();
        return null;
    }

    private static byte[]? ReadNameMap(byte[] bytes)
    {
        _ = NameMap.Parse(InFile(bytes, "map.json")).ToString();
        return null;
    }

    private static byte[]? ReadIdx(byte[] images, byte[] labels)
    {
        using MemoryStream imagesFile = new(images), labelsFile = new(labels);
        _ = IdxFile.Read(imagesFile, "images", labelsFile, "labels").Sha256();
        return null;
    }

    private static byte[] Write(IReadOnlyList<NamedTensor> tensors)
    {
        using var file = new MemoryStream();
        SafetensorsFile.Write(file, tensors, new Dictionary<string, string>());
        return file.ToArray();
    }

    private static byte[] WriteNpz(IReadOnlyList<NamedTensor> tensors)
    {
        using var file = new MemoryStream();
        NpzFile.Write(file, tensors);
        return file.ToArray();
    }

    /// <summary>The bytes are one file of a folder of its own, and come back as it is written again.</summary>
    private static byte[] ReadCsv(byte[] bytes)
    {
        string folder = Path.GetDirectoryName(InFile(bytes, "a.csv"))!;
        string input = Directory.CreateDirectory(Path.Combine(folder, "in")).FullName, output = Path.Combine(folder, "out");
        File.Move(Path.Combine(folder, "a.csv"), Path.Combine(input, "a.csv"), overwrite: true);
        CsvTensors.Write(output, CsvTensors.Read(input));
        byte[] written = File.ReadAllBytes(Path.Combine(output, "a.csv"));
        Directory.Delete(output, recursive: true);
        return written;
    }

    private static byte[] ReadModel(byte[] bytes)
    {
        var model = ModelFile.Parse(Encoding.UTF8.GetString(bytes));
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            ModelFile.Write(writer, model);
        return stream.ToArray();
    }

    private static byte[]? ReadConfiguration(byte[] bytes)
    {
        var problems = new Problems();
        var variables = new Dictionary<string, string> { ["LOCKSTEP__CONFIG"] = InFile(bytes, "config.json") };
        _ = Settings.Resolve(CommandLine.Parse(["train"], problems).Options, [], variables, problems);
        problems.ThrowIfAny();
        return null;
    }

    /// <summary>One text for every option. That all refuse it is no mistake; each must do so in its own words.</summary>
    private static byte[]? ReadOptionTexts(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        FormatException? refusal = null;
        foreach (ICliOption option in TextOptions)
        {
            try
            {
                _ = option.Read([text]);
            }
            catch (FormatException e)
            {
                refusal = e;
            }
        }

        return refusal is null ? null : throw refusal;
    }

    private static byte[]? ReadTrace(byte[] bytes)
    {
        using TraceReader reader = TraceReader.Open(InFile(bytes, "trace.txt"));
        while (reader.Next() is not null)
        {
        }

        return null;
    }

    /// <summary>A run that goes on reads its own metrics, and drops what it cannot read.</summary>
    private static byte[]? ReadMetrics(byte[] bytes)
    {
        MetricsFile.Open(InFile(bytes, "metrics.jsonl"), step: 1000).Dispose();
        return null;
    }

    /// <summary>A report leaves out what it cannot read, and says so.</summary>
    private static byte[]? ReadReport(byte[] bytes, string name)
    {
        string folder = Path.GetDirectoryName(InFile("{}"u8.ToArray(), "config.json"))!;
        foreach (string other in new[] { "summary.json", "metrics.jsonl", "events.jsonl", "env.json" })
            File.Delete(Path.Combine(folder, other));
        _ = InFile(bytes, name);
        _ = RunReport.Write(RunRecord.Read(folder), model: null, ReportEvaluation.Without("none"), DateTimeOffset.UnixEpoch);
        return null;
    }

    /// <summary>The first byte chooses the kind of message.</summary>
    private static byte[] ReadMessage(byte[] bytes)
    {
        int kind = bytes.Length == 0 ? 0 : bytes[0] % Manifests.Length;
        return [(byte)kind, .. Messages.ToBinary(Messages.FromBinary(bytes.Length == 0 ? [] : bytes[1..], Manifests[kind]))];
    }

    /// <summary>Frames as a worker takes them: run spec, images, then anything. They go over a real socket.</summary>
    private static byte[]? ReadStream(byte[] bytes)
    {
        using TensorConnection near = Receiving(Seals.Frames(bytes));
        FrameHeader header = near.ReceiveHeader(FrameKind.RunSpec);
        byte[] encoded = new byte[header.PayloadLength];
        near.ReceivePayload(header, encoded);
        RunSpec spec = RunSpecCodec.Decode(encoded);
        _ = DatasetReceiver.ReceiveAll(near, spec, Run);
        var tree = new ReductionTree(spec.Shards);
        while (true)
        {
            header = near.ReceiveHeader();
            if (header.Kind == FrameKind.Assign)
                _ = Assignment.Receive(near, header, tree);
            else if (header.Kind is FrameKind.Bye or FrameKind.Refusal)
                _ = near.ReceiveReason(header);
            else
                near.SkipPayload(header);
        }
    }

    /// <summary>A plan of slices, as a worker takes it.</summary>
    private static byte[] ReadSlicePlan(byte[] bytes)
    {
        var tree = new ReductionTree(16);
        var offer = SliceOffer.Decode(bytes, tree);
        var plan = new SlicePlan(Layout.TrainableLength, tree, [.. offer.Workers.Select(worker => worker.Nodes)], offer.Rows);
        for (int place = 0; place < plan.Workers; place++)
            Assert.NotEmpty(plan.RowNodes(plan.RowOf(place)));
        Assert.NotEmpty(plan.Nodes);
        Assert.DoesNotContain(offer.Place, plan.MatesOf(offer.Place));
        return offer.Encode();
    }

    /// <summary>Frames as a coordinator that follows a leader takes them: run spec, pieces of files, a good-bye.</summary>
    private static byte[]? ReadReplica(byte[] bytes)
    {
        string folder = Path.GetDirectoryName(InFile([], "replica"))!;
        var options = new Lockstep.Coordinator.Runs.TrainingOptions
        {
            Spec = RunSpecCodec.Decode(Corpus.Read("run-spec", "small.msgpack")),
            Data = null!,
            CheckpointDirectory = folder,
            TraceFile = Path.Combine(folder, "trace.txt"),
            MetricsFile = Path.Combine(folder, "metrics.jsonl"),
        };
        using TensorConnection near = Receiving(Seals.Frames(bytes));
        var told = new Told();
        using var stream = new PeerStream(0, near, options, told, Disk.OfThisMachine);
        while (stream.OnFrame(near.ReceiveHeader()))
        {
        }

        return told.Refusal is null ? null : throw new FormatException(told.Refusal);
    }

    /// <summary>
    /// The first frames of a stranger's connection, as a coordinator without a secret takes them, and as one with a secret does. Its nonce
    /// is new each time: no proof is right.
    /// </summary>
    private static byte[]? ReadProof(byte[] bytes)
    {
        using (TensorConnection open = Receiving(Seals.Frames(bytes)))
        {
            FrameHeader first = open.ReceiveHeader();
            if (first.Kind != FrameKind.Challenge && Hello.Receive(open, first) is var hello && first.Kind == FrameKind.Peer)
                _ = Hello.DecodePeer(hello);
        }

        using TensorConnection near = Receiving(Seals.Frames(bytes));
        if (StreamProof.Receive(near, near.ReceiveHeader(FrameKind.Challenge), Secret, Run) is null)
            throw new StreamException(StreamError.Refused, near.Peer, "its proof of the secret is wrong.");
        return null;
    }

    /// <summary>
    /// The first messages on a connection of the cluster, each after a byte with its length. The first byte of all says who made the
    /// connection.
    /// </summary>
    private static byte[]? ReadHandshake(byte[] bytes)
    {
        var handshake = new ClusterHandshake(Secret, isDialer: bytes.Length > 0 && bytes[0] % 2 == 1);
        HandshakeOutcome outcome = HandshakeOutcome.GoesOn;
        for (int at = 1; at < bytes.Length && outcome == HandshakeOutcome.GoesOn; at += 1 + bytes[at])
            (_, outcome) = handshake.Receive(bytes.AsSpan(at + 1, Math.Min(bytes[at], bytes.Length - at - 1)));
        Assert.NotEqual(HandshakeOutcome.Agreed, outcome);
        return null;
    }

    private static byte[]? ReadSecret(byte[] bytes)
    {
        _ = ClusterSecret.Parse(bytes, "file");
        return null;
    }

    /// <summary>The payload of a gradient's frame, as a coordinator takes it.</summary>
    private static byte[] ReadGradient(byte[] bytes)
    {
        byte[] frame = new byte[FrameHeader.Size + bytes.Length];
        new FrameHeader { Kind = FrameKind.Gradient, Run = Run, PayloadLength = bytes.Length }.Write(frame);
        bytes.CopyTo(frame.AsSpan(FrameHeader.Size));
        using TensorConnection near = Receiving(Seals.Frames(frame));
        near.Limits = StreamLimits.For(Layout);
        var runs = new TensorRuns(Layout);
        float[] gradient = new float[Layout.TrainableLength];
        near.ReceivePayload(near.ReceiveHeader(FrameKind.Gradient), gradient, runs);

        using var written = new MemoryStream();
        written.Write(runs.Find(gradient, isLoopback: false));
        foreach ((int first, int count) in runs.Runs)
            written.Write(MemoryMarshal.AsBytes(gradient.AsSpan(first, count)));
        return written.ToArray();
    }

    /// <summary>The end of a connection over which bytes come, and then its end.</summary>
    private static TensorConnection Receiving(byte[] bytes)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        far.Connect(listener.LocalEndPoint!);
        var near = new TensorConnection(listener.Accept());
        near.SetReceiveDeadline(TimeSpan.FromMinutes(5));
        // What the system does not take at once is cut off: the reader finds the end of the stream.
        far.Blocking = false;
        _ = far.Send(bytes, SocketFlags.None, out _);
        far.Shutdown(SocketShutdown.Send);
        return near;
    }

    /// <summary>What the leadership is told.</summary>
    private sealed class Told : IMailbox
    {
        public string? Refusal { get; private set; }

        public void Tell(object message) => Refusal ??= message switch
        {
            PeerParted { Why: null } parted => parted.Reason,
            PeerTroubled troubled => troubled.Problem,
            _ => null,
        };

        public void TellAndRun(object message) => Tell(message);
    }
}
