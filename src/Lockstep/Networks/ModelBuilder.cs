using System.Text.Json;
using Lockstep.Model.Specs;

namespace Lockstep.Networks;

/// <summary>
/// Builds a network layer by layer. The defaults are those of a model file: hidden layers are ReLU, the last is linear; weights begin with
/// He for ReLU and Xavier for all else, biases with zero.
/// </summary>
/// <param name="inputs">Values of one example: pixels of an image.</param>
/// <param name="inputKeepProb">Probability in (0, 1] that dropout keeps an input value in training.</param>
public sealed class ModelBuilder(int inputs, double inputKeepProb = 1.0)
{
    private readonly List<ModelText.Layer> _layers = [];

    /// <summary>Adds a fully connected layer: <c>dropout(activation(input · weights + biases))</c>.</summary>
    /// <param name="units">Number of outputs; of the last layer the number of classes, 2 to 256, or of targets.</param>
    /// <param name="activation">Applied to the sums; null is ReLU, and nothing for the last layer, whose sums are the logits.</param>
    /// <param name="keepProb">Probability in (0, 1] that dropout keeps an output in training; 1 for the last layer.</param>
    /// <param name="name">
    /// Name of the layer; its parameters are <c>{name}/weights</c> [inputs, units] and <c>{name}/biases</c> [units]. Null names it after
    /// its shape, such as <c>dense_784x256</c>, so that the name stays when other layers come or go; two layers of the same shape need
    /// names.
    /// </param>
    /// <param name="initializer">How the weights begin; null chooses by the activation.</param>
    /// <param name="trainable">False freezes the layer.</param>
    /// <param name="l2">Weight of the L2 penalty on the weights, ≥ 0; null is that of the run.</param>
    /// <param name="learningRate">The layer's own learning rate before the schedule, &gt; 0; null is that of the run.</param>
    /// <returns>This builder.</returns>
    public ModelBuilder Dense(
        int units, Activation? activation = null, double keepProb = 1.0, string? name = null, Initializer? initializer = null,
        bool trainable = true, double? l2 = null, double? learningRate = null)
    {
        _layers.Add(new ModelText.Layer(
            units, activation is { } chosen ? NameOf(chosen) : null, keepProb, name, initializer?.ToString(), trainable, l2, learningRate));
        return this;
    }

    /// <summary>The model.</summary>
    /// <exception cref="ModelFileException">
    /// Layers are missing, out of range or have the same name; the message has every mistake.
    /// </exception>
    public ModelSpec Build()
    {
        // Goes through the form of a model file, because only its reader knows defaults, names and mistakes.
        return ModelFile.Parse(JsonSerializer.Serialize(new ModelText(inputs, inputKeepProb, _layers), ModelTextContext.Default.ModelText));
    }

    private static string NameOf(Activation activation)
    {
        int index = Array.IndexOf(Enum.GetValues<Activation>(), activation);
        return index < 0 ? activation.ToString() : ModelFile.Activations[index];
    }
}
