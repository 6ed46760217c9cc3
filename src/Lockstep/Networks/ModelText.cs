using System.Text.Json.Serialization;

namespace Lockstep.Networks;

/// <summary>A model in the form of a model file. What is null is absent: the file's defaults stand for it.</summary>
internal sealed record ModelText(int Inputs, double InputKeepProb, IReadOnlyList<ModelText.Layer> Layers)
{
    internal sealed record Layer(
        int Units,
        string? Activation,
        double KeepProb,
        string? Name,
        string? Initializer,
        bool Trainable,
        double? L2,
        double? LearningRate);
}

/// <summary>Makes the text. NaN and the infinities have names in it, so that reading tells what is wrong with them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ModelText))]
internal sealed partial class ModelTextContext : JsonSerializerContext;
