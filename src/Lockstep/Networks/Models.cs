using Lockstep.Model.Specs;
using Lockstep.Shared.Files;

namespace Lockstep.Networks;

/// <summary>Ways to describe a network. All of them make a <see cref="ModelSpec"/>, which has no weights yet.</summary>
public static class Models
{
    /// <summary>
    /// A network by its layers, such as <c>784-256-10</c> or <c>28x28-conv:6x5p2-pool2-120-10</c> (<see cref="NetworkText"/>). Layers with
    /// parameters are named by their place: <c>layer0/weights</c> [784, 256], <c>layer0/biases</c> [256], <c>layer1/weights</c> ...
    /// </summary>
    /// <param name="text">Inputs and layers, separated by <c>-</c>.</param>
    /// <param name="keepProb">
    /// Probability in (0, 1] that dropout keeps a hidden unit in training; the default is that of <c>lockstep train</c>.
    /// </param>
    /// <param name="initializer">Initialiser of every weight matrix; null takes He for ReLU layers and Xavier for the last.</param>
    /// <exception cref="FormatException">The text is none of a model.</exception>
    public static ModelSpec Parse(string text, double keepProb = 0.8, Initializer? initializer = null) =>
        ModelSpec.Parse(text, keepProb, initializer);

    /// <summary>
    /// The network that a file describes (<c>model.json</c>), with names, activations, initialisers and more of each layer.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is no model; the message has every mistake in it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelSpec Load(string path) => ModelFile.Parse(BoundedFile.ReadAllText(path, BoundedFile.MaxTextBytes));

    /// <summary>
    /// The same model with some parameters frozen: training leaves them unchanged, and they cost neither gradient nor traffic.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="patterns">
    /// Names of parameters, separated by commas; <c>*</c> stands for any characters: <c>layer0/*</c> is a layer.
    /// </param>
    /// <exception cref="ArgumentException">A pattern matches no parameter: most likely it is mistyped.</exception>
    /// <exception cref="FormatException">A pattern is empty.</exception>
    public static ModelSpec Freeze(this ModelSpec model, string patterns)
    {
        ArgumentNullException.ThrowIfNull(model);
        NameGlobs globs = NameGlobs.Parse(patterns);
        string[] names = [.. model.Parameters.Select(parameter => parameter.Name)];
        if (globs.Useless(names).FirstOrDefault() is { } useless)
            throw new ArgumentException($"'{useless}' matches no parameter of the model; "
                + $"it has {string.Join(", ", names)}.", nameof(patterns));
        return model.WithParameters(parameter => globs.Match(parameter.Name) ? parameter with { IsTrainable = false } : parameter);
    }
}
