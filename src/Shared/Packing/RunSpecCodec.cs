using System.Buffers;
using Lockstep.Model.Specs;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// A <see cref="RunSpec"/> as MessagePack: maps with the keys in a fixed order, doubles as float64, so equal specs have equal bytes.
/// Both the tensor stream and checkpoints carry it.
/// </summary>
public static class RunSpecCodec
{
    /// <summary>Version of the format, its first entry.</summary>
    public const int Version = 1;

    private const int MaxNameBytes = 4 * ParameterSpec.MaxNameLength;
    private const int MaxBatchSize = 1 << 24;
    private const int MaxExamples = 1 << 30;

    /// <summary>Encodes a spec.</summary>
    public static byte[] Encode(RunSpec spec)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(buffer);
        Write(ref writer, spec);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Decodes a spec and checks every value's range.</summary>
    /// <exception cref="FormatException">Another version, a value outside its range, or not a spec at all.</exception>
    public static RunSpec Decode(ReadOnlyMemory<byte> bytes) => PackReading.Decode(bytes, "run spec", Read);

    internal static void Write(ref MessagePackWriter writer, RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        bool isDefaultLoss = spec.Loss == default;
        writer.WriteMapHeader(isDefaultLoss ? 10 : 11);
        writer.Write("version");
        writer.Write(Version);
        writer.Write("inputKeepProb");
        writer.Write(spec.Model.InputKeepProb);
        writer.Write("layers");
        writer.WriteArrayHeader(spec.Model.Layers.Count);
        foreach (LayerSpec layer in spec.Model.Layers)
            WriteLayer(ref writer, layer);
        writer.Write("restoredSha256");
        writer.Write(spec.RestoredSha256);
        writer.Write("seed");
        writer.Write(spec.Seed);
        writer.Write("batchSize");
        writer.Write(spec.BatchSize);
        writer.Write("shards");
        writer.Write(spec.Shards);
        writer.Write("totalSteps");
        writer.Write(spec.TotalSteps);
        writer.Write("optimizer");
        WriteOptimizer(ref writer, spec.Optimizer);
        writer.Write("data");
        writer.WriteMapHeader(4);
        writer.Write("name");
        writer.Write(spec.Data.Name);
        writer.Write("sha256");
        writer.Write(spec.Data.Sha256);
        writer.Write("trainingExamples");
        writer.Write(spec.Data.TrainingExamples);
        writer.Write("validationExamples");
        writer.Write(spec.Data.ValidationExamples);
        if (!isDefaultLoss)
        {
            writer.Write("loss");
            writer.Write((int)spec.Loss);
        }
    }

    internal static RunSpec Read(ref MessagePackReader reader)
    {
        int entries = reader.ReadMapHeader();
        reader.ExpectKey("version");
        int version = reader.ReadInt32();
        if (version != Version)
            throw new FormatException($"the run spec has format {version}; this build reads {Version}. Run the version of Lockstep that wrote it.");
        if (entries is not (10 or 11))
            throw new FormatException($"a map of {entries} entries, expected 10 or 11.");
        reader.ExpectKey("inputKeepProb");
        double inputKeepProb = ReadDouble(ref reader, "inputKeepProb", NumberRange.KeepProb.Contains, NumberRange.KeepProb.Text);
        reader.ExpectKey("layers");
        var layers = new LayerSpec[reader.ReadCount(1, ModelSpec.MaxLayers)];
        for (int i = 0; i < layers.Length; i++)
            layers[i] = ReadLayer(ref reader);
        var model = new ModelSpec { Layers = layers, InputKeepProb = inputKeepProb };
        if (layers.Any(layer => layer.Name.Length == 0))
            throw new FormatException("a layer has no name.");
        if (model.Validate() is [{ } problem, ..])
            throw new FormatException(problem);
        reader.ExpectKey("restoredSha256");
        string? restored = reader.TryReadNil() ? null : reader.ReadSha256("restoredSha256");
        reader.ExpectKey("seed");
        ulong seed = reader.ReadUInt64();
        reader.ExpectKey("batchSize");
        int batchSize = reader.ReadInt32("batchSize", 1, MaxBatchSize);
        reader.ExpectKey("shards");
        int shards = reader.ReadInt32("shards", 1, RunSpec.MaxShards);
        reader.ExpectKey("totalSteps");
        long totalSteps = reader.ReadInt64("totalSteps", 1, long.MaxValue);
        reader.ExpectKey("optimizer");
        OptimizerSpec optimizer = ReadOptimizer(ref reader);
        reader.ExpectKey("data");
        DataSpec data = ReadData(ref reader);
        LossKind loss = default;
        if (entries == 11)
        {
            // The default is left out, so that each spec has one form.
            reader.ExpectKey("loss");
            loss = (LossKind)reader.ReadInt32("loss", 1, (int)LossKind.MeanSquaredError);
        }

        return new RunSpec
        {
            Model = model,
            Loss = loss,
            RestoredSha256 = restored,
            Seed = seed,
            BatchSize = batchSize,
            Shards = shards,
            TotalSteps = totalSteps,
            Optimizer = optimizer,
            Data = data,
        };
    }

    /// <summary>A map of the name and the fields; before them the kind, where it is not the default.</summary>
    private static void WriteLayer(ref MessagePackWriter writer, LayerSpec layer)
    {
        bool isDefault = layer.Kind == LayerKind.Default;
        writer.WriteMapHeader(layer.Kind.Fields.Count + (isDefault ? 1 : 2));
        if (!isDefault)
        {
            writer.Write("kind");
            writer.Write(layer.Kind.Name);
        }

        writer.Write("name");
        writer.Write(layer.Name);
        foreach ((LayerField field, object value) in layer.Kind.Fields.Zip(layer.Kind.ValuesOf(layer)))
        {
            writer.Write(field.Key);
            switch (field)
            {
                case IntegerField or ChoiceField:
                    writer.Write((int)value);
                    break;
                case NumberField:
                    writer.Write((double)value);
                    break;
                case ParameterField:
                    WriteParameter(ref writer, (ParameterSpec)value);
                    break;
            }
        }
    }

    private static void WriteParameter(ref MessagePackWriter writer, ParameterSpec parameter)
    {
        writer.WriteMapHeader(5);
        writer.Write("name");
        writer.Write(parameter.Name);
        writer.Write("initializer");
        writer.WriteArrayHeader(3);
        writer.Write((int)parameter.Initializer.Kind);
        writer.Write(parameter.Initializer.First);
        writer.Write(parameter.Initializer.Second);
        writer.Write("trainable");
        writer.Write(parameter.IsTrainable);
        writer.Write("l2");
        WriteOptional(ref writer, parameter.L2);
        writer.Write("learningRate");
        WriteOptional(ref writer, parameter.LearningRate);
    }

    private static void WriteOptional(ref MessagePackWriter writer, double? value)
    {
        if (value is { } number)
            writer.Write(number);
        else
            writer.WriteNil();
    }

    private static LayerSpec ReadLayer(ref MessagePackReader reader)
    {
        int entries = reader.ReadMapHeader();
        string key = reader.ReadText(MaxNameBytes);
        LayerKind kind = LayerKind.Default;
        if (key == "kind")
        {
            string name = reader.ReadText(MaxNameBytes);
            kind = LayerKind.Find(name) ?? throw PackReading.OutOfRange("kind", ForeignText.Quote(name), string.Join(", ", LayerKind.Names));
            key = reader.ReadText(MaxNameBytes);
            entries--;
        }

        if (key != "name" || entries != kind.Fields.Count + 1)
            throw new FormatException($"a layer of {entries} entries from {ForeignText.Quote(key)} on, expected {kind.Fields.Count + 1} from 'name' on.");
        string layer = reader.ReadText(MaxNameBytes);
        object[] values = new object[kind.Fields.Count];
        for (int i = 0; i < values.Length; i++)
        {
            reader.ExpectKey(kind.Fields[i].Key);
            values[i] = kind.Fields[i] switch
            {
                IntegerField integer => reader.ReadInt32(integer.Key, integer.Min, integer.Max),
                ChoiceField choice => reader.ReadInt32(choice.Key, 0, choice.Names.Count - 1),
                NumberField number => ReadDouble(ref reader, number.Key, number.Range.Contains, number.Range.Text),
                _ => ReadParameter(ref reader),
            };
        }

        return kind.Create(layer, values);
    }

    private static ParameterSpec ReadParameter(ref MessagePackReader reader)
    {
        reader.ExpectMap(5);
        reader.ExpectKey("name");
        string name = reader.ReadText(MaxNameBytes);
        reader.ExpectKey("initializer");
        reader.ExpectArray(3);
        var initializer = new Initializer((InitializerKind)reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        reader.ExpectKey("trainable");
        bool trainable = reader.ReadBoolean();
        reader.ExpectKey("l2");
        double? l2 = reader.TryReadNil() ? null : ReadDouble(ref reader, "l2", value => value >= 0, "at least 0");
        reader.ExpectKey("learningRate");
        double? rate = reader.TryReadNil() ? null : ReadDouble(ref reader, "learningRate", value => value > 0, "greater than 0");
        if (ParameterSpec.NameProblem(name) is { } problem)
            throw new FormatException($"the parameter name '{name}' {problem}.");
        if (initializer.Problem is { } wrong)
            throw new FormatException($"the initializer of '{name}': {wrong}.");
        return new ParameterSpec { Name = name, Initializer = initializer, IsTrainable = trainable, L2 = l2, LearningRate = rate };
    }

    private static void WriteOptimizer(ref MessagePackWriter writer, OptimizerSpec optimizer)
    {
        LearningRateSchedule schedule = optimizer.Schedule;
        writer.WriteMapHeader(8);
        writer.Write("learningRate");
        writer.Write(optimizer.LearningRate);
        writer.Write("schedule");
        writer.Write((int)schedule.Kind);
        writer.Write("everyEpochs");
        writer.Write(schedule.EveryEpochs);
        writer.Write("factor");
        writer.Write(schedule.Factor);
        writer.Write("finalShare");
        writer.Write(schedule.FinalShare);
        writer.Write("warmupSteps");
        writer.Write(schedule.WarmupSteps);
        writer.Write("momentum");
        writer.Write(optimizer.Momentum);
        writer.Write("l2");
        writer.Write(optimizer.L2);
    }

    private static OptimizerSpec ReadOptimizer(ref MessagePackReader reader)
    {
        reader.ExpectMap(8);
        reader.ExpectKey("learningRate");
        double rate = ReadDouble(ref reader, "learningRate", value => value > 0, "greater than 0");
        reader.ExpectKey("schedule");
        var kind = (ScheduleKind)reader.ReadInt32("schedule", (int)ScheduleKind.Constant, (int)ScheduleKind.Cosine);
        reader.ExpectKey("everyEpochs");
        int everyEpochs = reader.ReadInt32("everyEpochs", 1, int.MaxValue);
        reader.ExpectKey("factor");
        double factor = ReadDouble(ref reader, "factor", value => value is > 0 and <= 1, "in (0, 1]");
        reader.ExpectKey("finalShare");
        double finalShare = ReadDouble(ref reader, "finalShare", value => value is >= 0 and <= 1, "in [0, 1]");
        reader.ExpectKey("warmupSteps");
        long warmupSteps = reader.ReadInt64("warmupSteps", 0, long.MaxValue);
        reader.ExpectKey("momentum");
        double momentum = ReadDouble(ref reader, "momentum", value => value is >= 0 and < 1, "in [0, 1)");
        reader.ExpectKey("l2");
        double l2 = ReadDouble(ref reader, "l2", value => value >= 0, "at least 0");
        return new OptimizerSpec
        {
            LearningRate = rate,
            Schedule = new LearningRateSchedule
            {
                Kind = kind,
                EveryEpochs = everyEpochs,
                Factor = factor,
                FinalShare = finalShare,
                WarmupSteps = warmupSteps,
            },
            Momentum = momentum,
            L2 = l2,
        };
    }

    private static DataSpec ReadData(ref MessagePackReader reader)
    {
        reader.ExpectMap(4);
        reader.ExpectKey("name");
        string name = reader.ReadText(MaxNameBytes);
        reader.ExpectKey("sha256");
        string sha256 = reader.ReadSha256("data sha256");
        reader.ExpectKey("trainingExamples");
        int training = reader.ReadInt32("trainingExamples", 1, MaxExamples);
        reader.ExpectKey("validationExamples");
        int validation = reader.ReadInt32("validationExamples", 0, MaxExamples);
        return new DataSpec { Name = name, Sha256 = sha256, TrainingExamples = training, ValidationExamples = validation };
    }

    private static double ReadDouble(ref MessagePackReader reader, string name, Func<double, bool> valid, string expected)
    {
        double value = reader.ReadDouble();
        return double.IsFinite(value) && valid(value) ? value : throw PackReading.OutOfRange(name, value, expected);
    }
}
