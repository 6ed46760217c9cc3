using System.Text.Json;
using Lockstep.Model.Specs;

namespace Lockstep.Runs;

/// <summary>A run spec as JSON, for people and scripts; checkpoints have another form of it.</summary>
public static class RunSpecJson
{
    /// <summary>Writes the spec as one object.</summary>
    public static void Write(Utf8JsonWriter writer, RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(spec);
        writer.WriteStartObject();
        writer.WriteString("model", spec.Model.ToString());
        writer.WriteNumber("inputKeepProb", spec.Model.InputKeepProb);
        writer.WriteStartArray("layers");
        foreach (LayerSpec layer in spec.Model.Layers)
        {
            writer.WriteStartObject();
            LayerJson.Write(writer, layer, withInputs: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (spec.Loss != default)
            writer.WriteString("loss", JsonNamingPolicy.CamelCase.ConvertName(spec.Loss.ToString()));
        if (spec.LabelSmoothing != 0.0)
            writer.WriteNumber("labelSmoothing", spec.LabelSmoothing);
        if (spec.ClassWeights.Count > 0)
        {
            writer.WriteStartArray("classWeights");
            foreach (double weight in spec.ClassWeights)
                writer.WriteNumberValue(weight);
            writer.WriteEndArray();
        }

        if (spec.Augmentation is { } augmentation)
        {
            writer.WriteStartObject("augmentation");
            foreach (AugmentationKind kind in AugmentationKind.All.Where(kind => kind.StrengthOf(augmentation) != 0.0))
                writer.WriteNumber(kind.Name, kind.StrengthOf(augmentation));
            writer.WriteEndObject();
        }

        writer.WriteString("restoredSha256", spec.RestoredSha256);
        writer.WriteNumber("seed", spec.Seed);
        writer.WriteNumber("batchSize", spec.BatchSize);
        writer.WriteNumber("shards", spec.Shards);
        writer.WriteNumber("totalSteps", spec.TotalSteps);
        writer.WriteNumber("stepsPerEpoch", spec.StepsPerEpoch);
        if (spec.Stop is { } stop)
            WriteStop(writer, stop);
        writer.WriteStartObject("optimizer");
        WriteOptimizer(writer, spec.Optimizer);
        writer.WriteEndObject();
        writer.WriteStartObject("data");
        writer.WriteString("name", spec.Data.Name);
        writer.WriteString("sha256", spec.Data.Sha256);
        writer.WriteNumber("trainingExamples", spec.Data.TrainingExamples);
        writer.WriteNumber("validationExamples", spec.Data.ValidationExamples);
        if (spec.Data.Preparation is { } preparation)
        {
            writer.WritePropertyName("preparation");
            PreparationJson.Write(writer, preparation);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteStop(Utf8JsonWriter writer, StopSpec stop)
    {
        writer.WriteStartObject("stop");
        writer.WriteString("metric", StopSpec.NameOf(stop.Metric));
        if (stop.Target is { } target)
            writer.WriteNumber("target", target);
        if (stop.Patience is { } patience)
            writer.WriteNumber("patience", patience);
        writer.WriteNumber("everySteps", stop.EverySteps);
        writer.WriteEndObject();
    }

    private static void WriteOptimizer(Utf8JsonWriter writer, OptimizerSpec optimizer)
    {
        writer.WriteString("name", optimizer.Name);
        writer.WriteNumber("learningRate", optimizer.LearningRate);
        writer.WriteString("schedule", optimizer.Schedule.ToString());
        if (optimizer is SgdSpec sgd)
        {
            writer.WriteNumber("momentum", sgd.Momentum);
            if (sgd.IsNesterov)
                writer.WriteBoolean("nesterov", true);
        }

        if (optimizer is AdamWSpec adamW)
        {
            writer.WriteNumber("beta1", adamW.Beta1);
            writer.WriteNumber("beta2", adamW.Beta2);
            writer.WriteNumber("epsilon", adamW.Epsilon);
            writer.WriteNumber("weightDecay", adamW.WeightDecay);
        }

        writer.WriteNumber("l2", optimizer.L2);
        if (optimizer.ClipNorm is { } clipNorm)
            writer.WriteNumber("clipNorm", clipNorm);
    }
}
