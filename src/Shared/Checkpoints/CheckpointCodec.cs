using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Files;
using Lockstep.Shared.Packing;
using MessagePack;

namespace Lockstep.Shared.Checkpoints;

/// <summary>
/// The checkpoint file: one MessagePack map, then the SHA-256 of all bytes before it. The digest is checked before anything is parsed,
/// and every length against what remains before anything is allocated.
/// </summary>
/// <remarks>
/// The map's entries, in this order:
/// <code>
/// format         "lockstep-checkpoint"
/// version        1 or 2
/// length         uint64, always 9 bytes: size of the file, digest included
/// runId          16 hexadecimal digits
/// term           int
/// spec           map, see RunSpecCodec
/// step           int
/// unreported     [lossSum float64, correct int, examples int]
/// weightsSha256  64 hexadecimal digits, see Lockstep.Model.Training.WeightsDigest
/// parameters     array of [name, shape [int...], "f32", bytes: row-major little-endian float32], layer by layer, weights before biases
/// velocities     version 1: the same for the momentum, of the parameters that are trained; empty where the spec has none
/// slots          version 2: array of [name, the same for this part of the optimizer's state]
/// </code>
/// A checkpoint is written as the first version that can hold it: 1 for gradient descent, 2 for other optimizers.
/// </remarks>
public static class CheckpointCodec
{
    /// <summary>Latest version of the format; earlier ones are read, too.</summary>
    public const int Version = 2;

    private const string Format = "lockstep-checkpoint";
    private const int Entries = 11;
    private const string Float32 = "f32";

    /// <summary>The bytes up to the version: the map's header, "format", its value, "version".</summary>
    private static readonly byte[] Magic = EncodeMagic();

    /// <summary>Where the size of the file stands: after version, key and type byte.</summary>
    private static readonly int LengthOffset = Magic.Length + 1 + 1 + "length".Length + 1;

    /// <summary>Encodes a checkpoint as the content of a file.</summary>
    /// <exception cref="ArgumentException">Its tensors are not those of its spec, or not finite.</exception>
    /// <exception cref="NotSupportedException">It takes more than 2 GiB.</exception>
    public static byte[] Encode(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return NonFiniteIn(checkpoint) is { } problem
            ? throw new ArgumentException($"A checkpoint that is not finite: {problem}.")
            : EncodeAny(checkpoint);
    }

    /// <summary>Encodes a checkpoint with NaN or infinity, as earlier versions wrote them.</summary>
    internal static byte[] EncodeAny(Checkpoint checkpoint)
    {
        LittleEndianMachine.Require();
        var layout = new ParameterLayout(checkpoint.Spec.Model);
        CheckTensors(checkpoint.Parameters, layout.ByLayer);
        CheckSlots(checkpoint, layout);
        long tensorBytes = checkpoint.Parameters.Concat(checkpoint.Slots.SelectMany(slot => slot.Tensors)).Sum(
            tensor => (long)tensor.Values.Length * sizeof(float));
        const int roomForTheRest = 1 << 20, commonlyTaken = 1 << 14;
        if (tensorBytes > Array.MaxLength - roomForTheRest)
            throw new NotSupportedException(
                $"The checkpoint's tensors take {tensorBytes:N0} bytes; at most {Array.MaxLength - roomForTheRest:N0} are supported. "
                    + "Use a smaller model.");
        var buffer = new ArrayBufferWriter<byte>((int)tensorBytes + commonlyTaken);
        buffer.Write(Magic);
        var writer = new MessagePackWriter(buffer);
        int version = RunSpecCodec.VersionOf(checkpoint.Spec);
        writer.Write(version);
        writer.Write("length");
        writer.WriteUInt64(0); // Set at the end.
        writer.Write("runId");
        writer.Write(checkpoint.RunId);
        writer.Write("term");
        writer.Write(checkpoint.Term);
        writer.Write("spec");
        RunSpecCodec.Write(ref writer, checkpoint.Spec);
        writer.Write("step");
        writer.Write(checkpoint.Step);
        writer.Write("unreported");
        writer.WriteArrayHeader(3);
        writer.Write(checkpoint.Unreported.LossSum);
        writer.Write(checkpoint.Unreported.Correct);
        writer.Write(checkpoint.Unreported.Examples);
        writer.Write("weightsSha256");
        writer.Write(checkpoint.WeightsSha256);
        writer.Write("parameters");
        WriteTensors(ref writer, checkpoint.Parameters);
        WriteSlots(ref writer, checkpoint, version);
        writer.Flush();

        byte[] bytes = new byte[buffer.WrittenCount + SHA256.HashSizeInBytes];
        buffer.WrittenSpan.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(LengthOffset), (ulong)bytes.Length);
        SHA256.HashData(bytes.AsSpan(0, buffer.WrittenCount), bytes.AsSpan(buffer.WrittenCount));
        return bytes;
    }

    /// <summary>Decodes and verifies the content of a file.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="mayBeNonFinite">Whether to accept NaN and infinity, for display only.</param>
    /// <exception cref="CheckpointException">It is not a checkpoint that this build can read, or not finite.</exception>
    public static Checkpoint Decode(ReadOnlyMemory<byte> bytes, string file, bool mayBeNonFinite = false)
    {
        LittleEndianMachine.Require();
        CheckEnvelope(bytes.Span, file);
        Checkpoint checkpoint;
        try
        {
            checkpoint = PackReading.Decode(bytes[..^SHA256.HashSizeInBytes], "checkpoint", ReadDocument);
        }
        catch (FormatException e)
        {
            throw new CheckpointException(CheckpointError.Invalid, file, $"is inconsistent, although its SHA-256 is correct. {e.Message} "
                + "Use another one, or the version of Lockstep that wrote it.", e);
        }

        return !mayBeNonFinite && NonFiniteIn(checkpoint) is { } problem
            ? throw new CheckpointException(
                CheckpointError.NotFinite, file,
                $"is of a run that diverged: {problem}. Look at it with 'lockstep inspect'; train with an earlier one.")
            : checkpoint;
    }

    /// <summary>Reads and verifies a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mayBeNonFinite">Whether to accept NaN and infinity, for display only.</param>
    /// <exception cref="CheckpointException">
    /// The file does not exist, is not a checkpoint that this build can read, or is not finite.
    /// </exception>
    public static Checkpoint Read(string path, bool mayBeNonFinite = false) => Read(path, Disk.OfThisMachine, mayBeNonFinite);

    internal static Checkpoint Read(string path, Disk disk, bool mayBeNonFinite = false)
    {
        byte[] bytes;
        try
        {
            using Stream stream = disk.OpenToRead(path);
            bytes = ReadAll(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(CheckpointError.NotFound, path, "does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointError.Io, path, $"cannot be read: {e.Message}", e);
        }

        return Decode(bytes, path, mayBeNonFinite);
    }

    /// <summary>Reads the whole file if its beginning is that of a checkpoint of its size; otherwise only the beginning.</summary>
    private static byte[] ReadAll(Stream stream, string file)
    {
        if (!stream.CanSeek)
            throw new CheckpointException(CheckpointError.Io, file, "cannot be read: it is a pipe or a device. Copy it to a file first.");
        long size = stream.Length;
        byte[] beginning = new byte[Math.Min(size, LengthOffset + sizeof(ulong))];
        stream.ReadExactly(beginning);
        CheckBeginning(beginning, size, file);
        if (size > Array.MaxLength)
            throw new CheckpointException(
                CheckpointError.Invalid, file, $"has {size:N0} bytes; checkpoints have at most {Array.MaxLength:N0}.");
        byte[] bytes = new byte[size];
        beginning.CopyTo(bytes, 0);
        stream.ReadExactly(bytes.AsSpan(beginning.Length));
        return bytes;
    }

    private static string? NonFiniteIn(Checkpoint checkpoint) => NonFiniteValues.Join(
    [
        .. checkpoint.Parameters.Select(tensor => NonFiniteValues.Describe(tensor.Name, tensor.Shape, tensor.Values)),
        .. checkpoint.Slots.SelectMany(
            slot => slot.Tensors.Select(tensor => NonFiniteValues.Describe($"{slot.Name} of {tensor.Name}", tensor.Shape, tensor.Values))),
        double.IsFinite(checkpoint.Unreported.LossSum) ? null : $"its loss is {checkpoint.Unreported.LossSum}",
    ]);

    private static byte[] EncodeMagic()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(Entries);
        writer.Write("format");
        writer.Write(Format);
        writer.Write("version");
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Checks from the first bytes that it is a checkpoint, of this version, and not truncated.</summary>
    /// <returns>The size of the file according to its header.</returns>
    private static ulong CheckBeginning(ReadOnlySpan<byte> bytes, long size, string file)
    {
        int begins = Math.Min(bytes.Length, Magic.Length);
        if (!bytes[..begins].SequenceEqual(Magic.AsSpan(0, begins)))
            throw new CheckpointException(CheckpointError.Invalid, file, "is not a checkpoint, or its beginning is damaged.");
        if (bytes.Length < LengthOffset + sizeof(ulong))
            throw new CheckpointException(CheckpointError.Truncated, file, $"is truncated: it ends after {size:N0} bytes.");
        if (bytes[Magic.Length] is < 1 or > Version)
            throw new CheckpointException(CheckpointError.UnknownVersion, file,
                $"has format {bytes[Magic.Length]}; this build reads 1 to {Version}. Use the version of Lockstep that wrote it.");
        ulong length = BinaryPrimitives.ReadUInt64BigEndian(bytes[LengthOffset..]);
        if ((ulong)size < length)
            throw new CheckpointException(CheckpointError.Truncated, file, $"is truncated: it has {size:N0} of {length:N0} bytes.");
        return length;
    }

    /// <summary>Checks without parsing that it is a checkpoint, of this version, complete and unchanged.</summary>
    private static void CheckEnvelope(ReadOnlySpan<byte> bytes, string file)
    {
        ulong length = CheckBeginning(bytes, bytes.Length, file);
        if (bytes.Length < LengthOffset + sizeof(ulong) + SHA256.HashSizeInBytes)
            throw new CheckpointException(CheckpointError.Damaged, file, "is damaged: its length is wrong.");
        ReadOnlySpan<byte> content = bytes[..^SHA256.HashSizeInBytes], stored = bytes[^SHA256.HashSizeInBytes..];
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, actual);
        if ((ulong)bytes.Length > length || !actual.SequenceEqual(stored))
            throw new CheckpointException(CheckpointError.Damaged, file,
                $"is damaged: the SHA-256 of its content is {Convert.ToHexStringLower(actual)}, expected "
                    + $"{Convert.ToHexStringLower(stored)}.");
    }

    private static Checkpoint ReadDocument(ref MessagePackReader reader)
    {
        reader.ExpectMap(Entries);
        reader.ExpectKey("format");
        reader.ReadText(Format.Length);
        reader.ExpectKey("version");
        int version = reader.ReadInt32("version", 1, Version);
        reader.ExpectKey("length");
        reader.ReadUInt64();
        reader.ExpectKey("runId");
        string runId = reader.ReadText(16);
        if (runId.Length != 16 || !runId.All(char.IsAsciiHexDigitLower))
            throw PackReading.OutOfRange("runId", $"'{runId}'", "16 lower-case hexadecimal digits");
        reader.ExpectKey("term");
        int term = reader.ReadInt32("term", 0, int.MaxValue);
        reader.ExpectKey("spec");
        RunSpec spec = RunSpecCodec.Read(ref reader);
        reader.ExpectKey("step");
        long step = reader.ReadInt64("step", 0, spec.TotalSteps);
        reader.ExpectKey("unreported");
        reader.ExpectArray(3);
        double lossSum = reader.ReadDouble();
        long examplesOfRun = spec.TotalSteps * spec.BatchSize;
        long correct = reader.ReadInt64("correct", 0, examplesOfRun);
        long examples = reader.ReadInt64("examples", correct, examplesOfRun);
        reader.ExpectKey("weightsSha256");
        string weightsSha256 = reader.ReadSha256("weightsSha256");
        var layout = new ParameterLayout(spec.Model);
        reader.ExpectKey("parameters");
        IReadOnlyList<NamedTensor> parameters = ReadTensors(ref reader, layout.ByLayer);
        if (version != RunSpecCodec.VersionOf(spec))
            throw PackReading.OutOfRange("version", version, $"{RunSpecCodec.VersionOf(spec)}, as its run spec is of that version");
        OptimizerSlot[] slots = ReadSlots(ref reader, spec.Optimizer.Slots, layout, version);
        string actual = DigestOf(parameters);
        if (actual != weightsSha256)
            throw PackReading.OutOfRange("weightsSha256", weightsSha256, $"{actual}, the digest of its parameters");
        return new Checkpoint
        {
            RunId = runId,
            Term = term,
            Spec = spec,
            Step = step,
            Parameters = parameters,
            Slots = slots,
            Unreported = new NodeStatistics(lossSum, correct, examples),
            WeightsSha256 = weightsSha256,
        };
    }

    private static IReadOnlyList<Parameter> TrainedOf(ParameterLayout layout) =>
        [.. layout.ByLayer.Where(parameter => parameter.IsTrainable)];

    private static void CheckSlots(Checkpoint checkpoint, ParameterLayout layout)
    {
        IEnumerable<string> names = checkpoint.Slots.Select(slot => slot.Name);
        if (!names.SequenceEqual(checkpoint.Spec.Optimizer.Slots))
            throw new ArgumentException(
                $"A checkpoint with the optimizer state ({string.Join(", ", names)}); "
                    + $"its spec has ({string.Join(", ", checkpoint.Spec.Optimizer.Slots)}).");
        foreach (OptimizerSlot slot in checkpoint.Slots)
            CheckTensors(slot.Tensors, TrainedOf(layout));
    }

    private static void WriteSlots(ref MessagePackWriter writer, Checkpoint checkpoint, int version)
    {
        if (version == 1)
        {
            writer.Write("velocities");
            WriteTensors(ref writer, checkpoint.Slots.Count == 0 ? [] : checkpoint.Slots[0].Tensors);
            return;
        }

        writer.Write("slots");
        writer.WriteArrayHeader(checkpoint.Slots.Count);
        foreach (OptimizerSlot slot in checkpoint.Slots)
        {
            writer.WriteArrayHeader(2);
            writer.Write(slot.Name);
            WriteTensors(ref writer, slot.Tensors);
        }
    }

    private static OptimizerSlot[] ReadSlots(ref MessagePackReader reader, IReadOnlyList<string> names, ParameterLayout layout, int version)
    {
        IReadOnlyList<Parameter> trained = TrainedOf(layout);
        var slots = new OptimizerSlot[names.Count];
        if (version == 1)
        {
            reader.ExpectKey("velocities");
            if (slots.Length == 0)
                reader.ExpectArray(0);
            else
                slots[0] = new OptimizerSlot(names[0], ReadTensors(ref reader, trained));
            return slots;
        }

        reader.ExpectKey("slots");
        reader.ExpectArray(slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            reader.ExpectArray(2);
            reader.ExpectKey(names[i]);
            slots[i] = new OptimizerSlot(names[i], ReadTensors(ref reader, trained));
        }

        return slots;
    }

    private static void CheckTensors(IReadOnlyList<NamedTensor> tensors, IReadOnlyList<Parameter> expected)
    {
        bool match = tensors.Count == expected.Count && tensors.Zip(expected).All(pair => pair.First.Name == pair.Second.Name
            && pair.First.Shape.SequenceEqual(pair.Second.Shape) && pair.First.Values.Length == pair.Second.Count);
        if (!match)
            throw new ArgumentException($"A checkpoint with the tensors {Describe(tensors.Select(tensor => (tensor.Name, tensor.Shape)))}; "
                + $"its spec has {Describe(expected.Select(parameter => (parameter.Name, parameter.Shape)))}.");

        static string Describe(IEnumerable<(string Name, IReadOnlyList<int> Shape)> tensors) =>
            $"({string.Join(", ", tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]"))})";
    }

    private static void WriteTensors(ref MessagePackWriter writer, IReadOnlyList<NamedTensor> tensors)
    {
        writer.WriteArrayHeader(tensors.Count);
        foreach (NamedTensor tensor in tensors)
        {
            writer.WriteArrayHeader(4);
            writer.Write(tensor.Name);
            writer.WriteArrayHeader(tensor.Shape.Count);
            foreach (int dimension in tensor.Shape)
                writer.Write(dimension);
            writer.Write(Float32);
            writer.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        }
    }

    private static NamedTensor[] ReadTensors(ref MessagePackReader reader, IReadOnlyList<Parameter> expected)
    {
        reader.ExpectArray(expected.Count);
        var tensors = new NamedTensor[expected.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            Parameter parameter = expected[i];
            reader.ExpectArray(4);
            reader.ExpectKey(parameter.Name);
            reader.ExpectArray(parameter.Shape.Count);
            foreach (int dimension in parameter.Shape)
                reader.ReadInt32($"a dimension of '{parameter.Name}'", dimension, dimension);
            reader.ExpectKey(Float32);
            ReadOnlySpan<byte> data = reader.ReadBlock(parameter.Count * sizeof(float), parameter.Count * sizeof(float));
            float[] values = new float[parameter.Count];
            data.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            tensors[i] = new NamedTensor(parameter.Name, parameter.Shape, values);
        }

        return tensors;
    }

    private static string DigestOf(IReadOnlyList<NamedTensor> parameters)
    {
        using var digest = new WeightsDigest();
        foreach (NamedTensor tensor in parameters.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
            digest.Append(tensor.Name, tensor.Shape, tensor.Values);
        return digest.ToHexString();
    }
}
